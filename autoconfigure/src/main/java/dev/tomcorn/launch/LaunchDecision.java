package dev.tomcorn.launch;

import java.util.List;
import java.util.function.Supplier;

import dev.tomcorn.core.process.JvmOption;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.launch.Launch.Role;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Decides the role of a JVM for an application. The first reason that applies decides;
 * {@code docs/decisions/0028} has the table.
 */
final class LaunchDecision {

	private static final String NESTED = "it configures another context";

	private final RunningJvm jvm;

	private final SpringApplication application;

	private final ConfigurableEnvironment environment;

	private final Supplier<SupervisionSettings> settings;

	/**
	 * Create the decision.
	 * @param jvm the JVM
	 * @param application the application
	 * @param environment its environment; later changes do not affect the decision
	 * @param settings reads the settings about worker processes; may throw if they are
	 * invalid
	 */
	LaunchDecision(RunningJvm jvm, SpringApplication application, ConfigurableEnvironment environment,
			Supplier<SupervisionSettings> settings) {
		this.jvm = jvm;
		this.application = application;
		this.environment = environment;
		this.settings = settings;
	}

	/**
	 * Decide. An invalid configuration becomes part of the decision, because logging may
	 * not be available yet.
	 * @return the role of the JVM
	 */
	Launch decide() {
		ApplicationKind kind;
		try {
			kind = ApplicationKind.of(this.application, this.environment);
		}
		catch (RuntimeException ex) {
			return solo(false, "the configuration cannot be read", new LaunchMessage.Failure(ex));
		}
		if (WorkerIdentity.isMarked(this.jvm.environment())) {
			Launch launch = amongWorkers(kind);
			if (launch != null) {
				return launch;
			}
		}
		String silent = silentReason(kind);
		if (silent != null) {
			return solo(kind.isServed(), silent, LaunchMessage.NONE);
		}
		return byConfiguration(kind);
	}

	/**
	 * Decide in a worker, or in a process that its application has started.
	 */
	private @Nullable Launch amongWorkers(ApplicationKind kind) {
		WorkerIdentity identity = WorkerIdentity.fromEnvironment(this.jvm.environment(), this.jvm.parentPid());
		boolean served = kind.isServed();
		if (identity == null) {
			boolean orphan = this.jvm.listenerInherited() && served && !kind.nested();
			return orphan ? new Launch(Role.ORPHAN, true, false, "its arbiter is gone", LaunchMessage.NONE, null)
					: null;
		}
		if (kind.nested()) {
			return new Launch(Role.SOLO, served, false, NESTED, LaunchMessage.NONE, identity);
		}
		if (!this.jvm.listenerInherited()) {
			return new Launch(Role.SOLO, served, false, "the worker has an application already",
					kind.opensPort() ? secondServer(kind) : LaunchMessage.NONE, identity);
		}
		if (served) {
			return new Launch(Role.WORKER, true, false, "an arbiter has spawned it", LaunchMessage.NONE, identity);
		}
		return new Launch(Role.SOLO, false, false, "workers cannot run the application",
				kind.opensPort() ? notServed(kind) : LaunchMessage.NONE, identity);
	}

	private static LaunchMessage notServed(ApplicationKind kind) {
		Obstacle obstacle = kind.obstacle();
		return new LaunchMessage.Refusal(
				"This worker cannot run the application: %s."
					.formatted((obstacle != null) ? obstacle.text() : "it is not a servlet application on Tomcat"),
				"Set tomcorn.arbiter.enabled to false and restart the application, to run it in one process.");
	}

	private static LaunchMessage secondServer(ApplicationKind kind) {
		return new LaunchMessage.Refusal(
				"A second web application in a worker opens port %d, which every worker would open."
					.formatted(kind.port()),
				"Set server.port of that application to 0, so that each worker gets a port of its own, start it as an "
						+ "application of its own, or set tomcorn.arbiter.enabled to false to run in one process.");
	}

	/**
	 * Return why an application runs in this JVM without a message to the user.
	 */
	private @Nullable String silentReason(ApplicationKind kind) {
		if (this.environment.getProperty("spring.aot.processing", Boolean.class, false)
				|| "onRefresh".equalsIgnoreCase(SpringProperties.getProperty("spring.context.exit"))
				|| "onRefresh".equalsIgnoreCase(SpringProperties.getProperty("spring.context.checkpoint"))) {
			return "it is a step of a build";
		}
		if (kind.nested()) {
			return NESTED;
		}
		if (kind.isPart()) {
			return "it is a part of another application";
		}
		if (this.environment.containsProperty(TestRun.SPRING_BOOT_TEST)) {
			return "a test runs it";
		}
		String test = TestRun.evidence(this.jvm);
		return (test != null) ? "a test runs it (%s)".formatted(test) : null;
	}

	private Launch byConfiguration(ApplicationKind kind) {
		SupervisionSettings settings;
		try {
			settings = this.settings.get();
		}
		catch (RuntimeException ex) {
			return solo(kind.isServed(), "the settings cannot be read",
					kind.isServed() ? new LaunchMessage.Failure(ex) : LaunchMessage.NONE);
		}
		catch (LinkageError ex) {
			// An application that is not served may lack the classes that read them
			if (kind.isServed()) {
				throw ex;
			}
			return solo(false, "the settings cannot be read", LaunchMessage.NONE);
		}
		if (!settings.supervision()) {
			return configuredSolo(kind.isServed(), "one process is wanted", (kind
				.isServed() && settings.workers() > 1) ? new LaunchMessage.Line(true,
						"Running in one process: tomcorn.arbiter.enabled is false, so that tomcorn.workers (%d) has no effect"
							.formatted(settings.workers()))
						: LaunchMessage.NONE);
		}
		List<JvmOption> options = this.jvm.givenOptions();
		Obstacle obstacle = obstacle(kind, options);
		if (obstacle != null) {
			return configuredSolo(kind.isServed(), obstacle.text(), message(obstacle, settings));
		}
		if (kind.unreadablePort() != null) {
			// The arbiter would open the port
			return solo(true, "the port cannot be read", new LaunchMessage.Failure(kind.unreadablePort()));
		}
		String attached = AttachedTools.inArbiter(options);
		return new Launch(Role.ARBITER, true, true, "%d workers are wanted".formatted(settings.workers()),
				(attached != null) ? new LaunchMessage.Line(true, attached) : LaunchMessage.NONE, null);
	}

	private @Nullable Obstacle obstacle(ApplicationKind kind, List<JvmOption> options) {
		Obstacle ofApplication = kind.obstacle();
		if (ofApplication != null && (!kind.isServed() || kind.deployed())) {
			return ofApplication;
		}
		Obstacle tool = DevelopmentTools.find(this.jvm, this.environment);
		if (tool == null) {
			tool = AttachedTools.onCommandLine(options);
		}
		if (tool != null) {
			return tool;
		}
		return (ofApplication != null) ? ofApplication : Platform.obstacle(this.jvm);
	}

	private static LaunchMessage message(Obstacle obstacle, SupervisionSettings settings) {
		if (obstacle.kind() == Obstacle.Kind.LACK && settings.demanded()) {
			return new LaunchMessage.Refusal("tomcorn.arbiter.enabled is true, but %s.".formatted(obstacle.text()),
					((obstacle.remedy() != null) ? obstacle.remedy() + ", or remove" : "Remove")
							+ " tomcorn.arbiter.enabled to run in one process here and in worker processes where that "
							+ "is possible.");
		}
		if (obstacle.kind() == Obstacle.Kind.ORDINARY) {
			// This may be a preliminary application of one that gets workers
			return new LaunchMessage.Line(false,
					"%s does not apply to this application, which runs in one process: %s"
						.formatted((settings.workers() > 1) ? "tomcorn.workers (%d)".formatted(settings.workers())
								: "tomcorn.arbiter.enabled", obstacle.text()));
		}
		String instead = (settings.workers() > 1) ? "instead of %d workers".formatted(settings.workers())
				: "without an arbiter";
		return new LaunchMessage.Line(true, "Running in one process %s: %s%s".formatted(instead, obstacle.text(),
				(obstacle.remedy() != null) ? ". " + obstacle.remedy() : ""));
	}

	private static Launch solo(boolean served, String reason, LaunchMessage message) {
		return new Launch(Role.SOLO, served, false, reason, message, null);
	}

	private static Launch configuredSolo(boolean served, String reason, LaunchMessage message) {
		return new Launch(Role.SOLO, served, true, reason, message, null);
	}

}
