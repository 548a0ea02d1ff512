package dev.tomcorn.leader;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Leadership;
import dev.tomcorn.LeadershipAcquiredEvent;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.scheduling.concurrent.SimpleAsyncTaskScheduler;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link LeaderScheduling}.
 */
@Execution(ExecutionMode.CONCURRENT)
class LeaderSchedulingTests {

	private final SwitchedLeadership leadership = new SwitchedLeadership();

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	@AfterEach
	void tearDown() {
		this.context.close();
	}

	private Jobs start(Class<?>... configurations) {
		this.context.registerBean(SwitchedLeadership.class, () -> this.leadership);
		this.context.register(Application.class);
		if (configurations.length > 0) {
			this.context.register(configurations);
		}
		this.context.refresh();
		return this.context.getBean(Jobs.class);
	}

	private void lead() {
		this.leadership.leader = true;
		this.context.publishEvent(new LeadershipAcquiredEvent(
				WorkerProcess.worker(WorkerProcess.solo(Duration.ZERO), "gevent", new RequestsInFlight())));
	}

	@Test
	void jobsOfEveryKindRunInTheLeaderOnly() {
		Jobs jobs = start();
		TaskScheduler scheduler = this.context.getBean("taskScheduler", TaskScheduler.class);
		AtomicInteger own = new AtomicInteger();
		scheduler.scheduleAtFixedRate(own::incrementAndGet, Duration.ofMillis(20));
		await().until(() -> own.get() > 60);
		assertThat(jobs.ran).as("jobs of a worker that does not lead").isEmpty();
		lead();
		await().until(() -> jobs.ran.containsAll(Set.of("rate", "delay", "cron", "once", "slow", "elsewhere")));
		assertThat(jobs.unheld).as("runs without a hold").hasValue(0);
		assertThat(jobs.once).hasValue(1);
		assertThat(jobs.elsewhere).isEqualTo("elsewhere-1");
	}

	@Test
	void whoLosesTheLeadershipStops() {
		Jobs jobs = start();
		lead();
		await().until(() -> jobs.ran.contains("rate"));
		this.leadership.leader = false;
		await().until(() -> this.leadership.holds.get() == 0);
		jobs.ran.clear();
		AtomicInteger own = new AtomicInteger();
		this.context.getBean("taskScheduler", TaskScheduler.class)
			.scheduleAtFixedRate(own::incrementAndGet, Duration.ofMillis(20));
		await().until(() -> own.get() > 20);
		assertThat(jobs.ran).isEmpty();
	}

	@Test
	void jobWhoseFirstRunCameTooEarlyRunsWhenItsWorkerLeads() {
		Jobs jobs = start();
		await().until(() -> jobs.hourlySkipped(this.context));
		lead();
		await().until(() -> jobs.ran.contains("hourly"));
	}

	@Test
	void jobsRunOnVirtualThreadsToo() {
		Jobs jobs = start(VirtualThreads.class);
		lead();
		await().until(() -> jobs.ran.containsAll(Set.of("rate", "delay", "cron", "once")));
		// With a fixed delay Spring runs a job on the scheduler's own thread
		assertThat(jobs.virtual).contains("rate", "cron", "once");
	}

	@Test
	void taskThatRunsAlreadyIsNotRunTwiceAtOnce() throws InterruptedException {
		this.leadership.leader = true;
		AtomicInteger runs = new AtomicInteger();
		LeaderTask[] task = new LeaderTask[1];
		task[0] = new LeaderTask(() -> {
			if (runs.incrementAndGet() == 1) {
				task[0].run();
			}
		}, LeaderTask.Kind.PERIODIC, this.leadership);
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			executor.submit(task[0]);
		}
		assertThat(runs).hasValue(1);
		task[0].run();
		assertThat(runs).hasValue(2);
	}

	static class Jobs {

		final Set<String> ran = ConcurrentHashMap.newKeySet();

		final Set<String> virtual = ConcurrentHashMap.newKeySet();

		final AtomicInteger unheld = new AtomicInteger();

		final AtomicInteger once = new AtomicInteger();

		private final SwitchedLeadership leadership;

		volatile String elsewhere = "";

		Jobs(SwitchedLeadership leadership) {
			this.leadership = leadership;
		}

		boolean hourlySkipped(AnnotationConfigApplicationContext context) {
			AtomicInteger own = new AtomicInteger();
			context.getBean("taskScheduler", TaskScheduler.class)
				.scheduleAtFixedRate(own::incrementAndGet, Duration.ofMillis(10));
			await().until(() -> own.get() > 5);
			return !this.ran.contains("hourly");
		}

		private void run(String job) {
			if (this.leadership.holds.get() == 0) {
				this.unheld.incrementAndGet();
			}
			if (Thread.currentThread().isVirtual()) {
				this.virtual.add(job);
			}
			this.ran.add(job);
		}

		@Scheduled(fixedRate = 20)
		void rate() {
			run("rate");
		}

		@Scheduled(fixedDelay = 20)
		void delay() {
			run("delay");
		}

		@Scheduled(cron = "* * * * * *")
		void cron() {
			run("cron");
		}

		@Scheduled(initialDelay = 1)
		void once() {
			this.once.incrementAndGet();
			run("once");
		}

		@Scheduled(fixedRate = 20, initialDelay = 30)
		void slow() {
			run("slow");
		}

		@Scheduled(fixedRate = 3_600_000)
		void hourly() {
			run("hourly");
		}

		@Scheduled(fixedRate = 20, scheduler = "elsewhere")
		void elsewhere() {
			this.elsewhere = Thread.currentThread().getName();
			run("elsewhere");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	static class Application {

		@Bean
		LeaderScheduling leaderScheduling(Leadership leadership) {
			return new LeaderScheduling(leadership);
		}

		@Bean
		Jobs jobs(SwitchedLeadership leadership) {
			return new Jobs(leadership);
		}

		@Bean
		TaskScheduler taskScheduler() {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setPoolSize(2);
			return scheduler;
		}

		@Bean
		TaskScheduler elsewhere() {
			ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
			scheduler.setThreadNamePrefix("elsewhere-");
			return scheduler;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class VirtualThreads {

		@Bean
		TaskScheduler taskScheduler() {
			SimpleAsyncTaskScheduler scheduler = new SimpleAsyncTaskScheduler();
			scheduler.setVirtualThreads(true);
			return scheduler;
		}

	}

}
