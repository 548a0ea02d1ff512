package dev.tomcorn.autoconfigure;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.command.FleetCommand;
import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.EndLimit;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerSignals;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.signal.EarlySignals;
import dev.tomcorn.core.signal.OperatingSystemSignals;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * {@link SpringApplicationRunListener} that decides, once the environment is known and
 * before there is a context, what this JVM is: a worker, an arbiter or neither.
 */
final class TomcornRunListener implements SpringApplicationRunListener, Ordered {

	private static final Log logger = LogFactory.getLog(TomcornRunListener.class);

	private static final Duration EXIT_LIMIT = Duration.ofSeconds(5);

	static final String WORKER_PROCESS_BEAN = "tomcornWorkerProcess";

	private final SpringApplication application;

	private final List<String> arguments;

	private final @Nullable EarlySignals earlySignals;

	private @Nullable WorkerProcess workerProcess;

	TomcornRunListener(SpringApplication application, String[] arguments) {
		this.application = application;
		this.arguments = List.of(arguments);
		this.earlySignals = begin();
	}

	/**
	 * Deal with signals from the first moment on. A worker leaves them to its arbiter.
	 * What may become an arbiter keeps them; others are to notice nothing of that.
	 */
	private static @Nullable EarlySignals begin() {
		if (!LaunchMode.hasSignals()) {
			return null;
		}
		if (WorkerIdentity.fromEnvironment(System.getenv(), parentPid()) == null) {
			return isMainThread() ? EarlySignals.keep() : null;
		}
		if (SharedListener.isInherited()) {
			OperatingSystemSignals.leaveToArbiter();
			WorkerSignals.unblock();
		}
		return null;
	}

	/**
	 * Only there runs one application after the other, so that each gives back what it
	 * was given.
	 */
	private static boolean isMainThread() {
		Thread thread = Thread.currentThread();
		ThreadGroup group = thread.getThreadGroup();
		return thread.getName().equals("main") && group != null && group.getName().equals("main");
	}

	@Override
	public void starting(ConfigurableBootstrapContext bootstrapContext) {
		if (FleetCommand.MODE.equalsIgnoreCase(System.getProperty("jarmode"))) {
			// Only Boot's launcher knows modes: without it the application would start
			FleetCommand.main(this.arguments.toArray(String[]::new));
		}
	}

	@Override
	public void environmentPrepared(ConfigurableBootstrapContext bootstrapContext,
			ConfigurableEnvironment environment) {
		launch(bootstrapContext, environment);
		releaseSignals();
	}

	private void releaseSignals() {
		if (this.earlySignals != null) {
			this.earlySignals.release();
		}
	}

	private void launch(ConfigurableBootstrapContext bootstrapContext, ConfigurableEnvironment environment) {
		LaunchMode.Launch launch = new LaunchMode.Launch(this.application, environment);
		if (!launch.isServletApplication()) {
			return;
		}
		WorkerIdentity identity = WorkerIdentity.fromEnvironment(System.getenv(), parentPid());
		if (identity != null) {
			// A second application in a worker neither joins nor supervises
			if (SharedListener.isInherited()) {
				join(identity, environment, bootstrapContext);
			}
		}
		else if (WorkerIdentity.isMarked(System.getenv()) && SharedListener.isInherited()) {
			logger.warn("Ending before the application is loaded: the arbiter that spawned this worker is gone");
			System.exit(0);
		}
		else if (LaunchMode.of(launch) == LaunchMode.ARBITER) {
			Predecessor predecessor = Predecessor.fromEnvironment(System.getenv(), parentPid());
			int exitCode = new ArbiterLauncher(environment, this.arguments, predecessor, this.earlySignals).run();
			// An exit may hang: it logs, and nobody may read the log
			EndLimit.haltAfter(EXIT_LIMIT, exitCode);
			System.exit(exitCode);
		}
	}

	@Override
	public void failed(@Nullable ConfigurableApplicationContext context, Throwable exception) {
		releaseSignals();
		String report = BootFailure.describe(context, exception);
		WorkerIdentity identity = WorkerIdentity.fromEnvironment(System.getenv(), parentPid());
		if (this.workerProcess != null) {
			this.workerProcess.bootFailed(report);
		}
		else if (identity != null && SharedListener.isInherited()) {
			// It failed before it could join: its configuration cannot be read
			WorkerProcess.bootFailed(identity, report);
		}
	}

	private static long parentPid() {
		return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
	}

	private void join(WorkerIdentity identity, ConfigurableEnvironment environment,
			ConfigurableBootstrapContext bootstrapContext) {
		try {
			// Opened already, unless that failed; twice would give back what is locked
			FleetLocks opened = bootstrapContext.isRegistered(FleetLocks.class) ? bootstrapContext.get(FleetLocks.class)
					: null;
			FleetLocks locks = (opened != null) ? opened
					: FleetLocks.open(WorkerIdentity.locks(identity.runDirectory()), identity.arbiterPid());
			WorkerProcess process = WorkerProcess.join(identity, locks);
			this.workerProcess = process;
			TomcornSettings settings = TomcornSettings.of(environment);
			process.configure(settings.arbiter(), settings.incidents());
			List<String> changes = ArbiterOnlySettings.changes(environment, System.getenv());
			if (!changes.isEmpty()) {
				logger.warn("Changed, but with no effect before the arbiter is restarted or, where neither address nor "
						+ "port is concerned, replaced (USR2): " + String.join(", ", changes));
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException("This worker cannot join its arbiter", ex);
		}
		if (identity.placement().age() > 1) {
			// The banner of the first worker is enough, unless somebody wants more
			DefaultProperty.add(environment, "spring.main.banner-mode", "off");
		}
	}

	@Override
	public void contextPrepared(ConfigurableApplicationContext context) {
		if (this.workerProcess != null) {
			context.getBeanFactory().registerSingleton(WORKER_PROCESS_BEAN, this.workerProcess);
		}
	}

	@Override
	public int getOrder() {
		// Behind the listener that loads application.yml and sets up logging
		return 10;
	}

}
