package dev.tomcorn.warnings;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

import org.springframework.context.SmartLifecycle;

/**
 * Warnings about background work that each worker does.
 */
final class BackgroundWork {

	private static final String REMEDY = "Write tomcorn.scheduling: leader";

	static final List<FleetWarning> ROWS = List.of(
			new FleetWarning("quartz", Scope.EVERY_FLEET, BackgroundWork::quartz,
					"Each worker runs the jobs of a Quartz scheduler that knows no others (bean '%s')",
					REMEDY + ", or use a clustered job store"),
			new FleetWarning("pollers", Scope.EVERY_FLEET, BackgroundWork::poller,
					"Each worker polls what Spring Integration's '%s' reads: it is handled once by each of them",
					REMEDY),
			new FleetWarning("batch-job", Scope.EVERY_FLEET, BackgroundWork::job,
					"Each worker that boots, at a reload or recycling too, runs the Batch job that Boot runs at the start "
							+ "(bean '%s')",
					REMEDY + ": then one worker runs it, once for each start and reload"),
			new FleetWarning("scheduled-methods", Scope.SEVERAL_WORKERS, BackgroundWork::scheduled,
					"Each worker calls the scheduled method %s", REMEDY + ", or all if each worker is to do it"),
			new FleetWarning("runners", Scope.EVERY_FLEET, BackgroundWork::runners,
					"Each worker that boots, at a reload or recycling too, calls the runner '%s'",
					"See that it may run more than once, or do its work in a migration or by Leadership.runIfLeader"));

	/**
	 * Annotations that keep a method from running in several processes at once.
	 */
	private static final List<String> ONE_AT_A_TIME = List.of("dev.tomcorn.LeaderOnly",
			"net.javacrumbs.shedlock.spring.annotation.SchedulerLock");

	private static final List<String> RUNNERS = List.of("org.springframework.boot.CommandLineRunner",
			"org.springframework.boot.ApplicationRunner");

	/**
	 * Types through which a bean uses a database.
	 */
	private static final List<String> DATABASE = List.of("org.springframework.data.repository.Repository",
			"org.springframework.jdbc.core.JdbcOperations",
			"org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations",
			"org.springframework.jdbc.core.simple.JdbcClient", "jakarta.persistence.EntityManager");

	private BackgroundWork() {
	}

	private static boolean leaderSchedules(ApplicationFacts application) {
		return "leader".equalsIgnoreCase(application.property("tomcorn.scheduling"));
	}

	private static @Nullable String quartz(ApplicationFacts application) {
		return leaderSchedules(application) ? null : application.firstBean("org.quartz.Scheduler",
				(scheduler) -> isAloneWithJobs(scheduler) && (isRunning(scheduler) || isToRun(application, scheduler)));
	}

	private static boolean isAloneWithJobs(Object scheduler) {
		Object store = ApplicationFacts.value(scheduler, "metaData");
		return store != null && !Boolean.TRUE.equals(ApplicationFacts.value(store, "jobStoreClustered"))
				&& ApplicationFacts.value(scheduler, "triggerGroupNames") instanceof Collection<?> groups
				&& !groups.isEmpty();
	}

	private static boolean isRunning(Object scheduler) {
		return Boolean.FALSE.equals(ApplicationFacts.value(scheduler, "inStandbyMode"));
	}

	/**
	 * Return whether the scheduler will start, since one with a delay starts after the
	 * application.
	 */
	private static boolean isToRun(ApplicationFacts application, Object scheduler) {
		return application.created("org.springframework.scheduling.quartz.SchedulerFactoryBean")
			.map(ApplicationFacts.NamedBean::instance)
			.anyMatch((factory) -> factory instanceof SmartLifecycle lifecycle && lifecycle.isAutoStartup()
					&& ApplicationFacts.value(factory, "scheduler") == scheduler);
	}

	private static @Nullable String poller(ApplicationFacts application) {
		return leaderSchedules(application) ? null
				: application.firstBean("org.springframework.integration.endpoint.SourcePollingChannelAdapter",
						(poller) -> poller instanceof SmartLifecycle lifecycle && lifecycle.isRunning());
	}

	private static @Nullable String job(ApplicationFacts application) {
		boolean jobs = !application.beans("org.springframework.batch.core.job.Job").isEmpty();
		return (leaderSchedules(application) || !jobs) ? null : application
			.firstBean("org.springframework.boot.batch.autoconfigure.JobLauncherApplicationRunner", (runner) -> true);
	}

	/**
	 * Return the application's scheduled methods. Those of libraries maintain the state
	 * of each process, so each worker must run them.
	 */
	private static @Nullable String scheduled(ApplicationFacts application) {
		if (application.property("tomcorn.scheduling") != null) {
			return null;
		}
		return application.created("org.springframework.scheduling.annotation.ScheduledAnnotationBeanPostProcessor")
			.map((bean) -> ApplicationFacts.value(bean.instance(), "scheduledTasks"))
			.flatMap((tasks) -> (tasks instanceof Collection<?> all) ? all.stream() : Stream.empty())
			.map((task) -> String.valueOf(task).replaceFirst("\\$\\$Lambda.*", ""))
			.filter((method) -> application.isOwn(method) && !application.isAnnotated(method, ONE_AT_A_TIME))
			.distinct()
			.sorted()
			.reduce((one, other) -> one + ", " + other)
			.orElse(null);
	}

	/**
	 * Return the runners, except those that fill a database of their own process, which
	 * must run in every worker.
	 */
	private static @Nullable String runners(ApplicationFacts application) {
		boolean databaseOfItsOwn = application.created("javax.sql.DataSource").findAny().isPresent()
				&& !DataSources.isAnyShared(application);
		return RUNNERS.stream()
			.flatMap(application::created)
			.filter((bean) -> application.isOwn(bean.instance()))
			.map(ApplicationFacts.NamedBean::name)
			.filter((bean) -> !databaseOfItsOwn || !usesDatabase(application, bean, new HashSet<>()))
			.distinct()
			.reduce((one, other) -> one + "', '" + other)
			.orElse(null);
	}

	private static boolean usesDatabase(ApplicationFacts application, String bean, Set<String> seen) {
		return application.dependencies(bean)
			.anyMatch((dependency) -> seen.add(dependency)
					&& (DATABASE.stream().anyMatch((type) -> application.isOfType(dependency, type))
							|| usesDatabase(application, dependency, seen)));
	}

}
