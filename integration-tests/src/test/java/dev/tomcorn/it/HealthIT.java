package dev.tomcorn.it;

import java.time.Duration;

import dev.tomcorn.core.scoreboard.Trouble;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Workers that live but do no useful work.
 */
@Order(1)
class HealthIT {

	/**
	 * A worker that collects all the time takes a processor for the whole timeout.
	 * {@code HeartbeatTests} has one in any build.
	 */
	private static final boolean FULL = Boolean.getBoolean("chaos.full");

	private static final String[] COLLECTOR = FULL
			? new String[] { "-XX:-UseSerialGC", "-XX:+UseParallelGC", "-XX:ParallelGCThreads=1" } : new String[0];

	/**
	 * Long enough that a healthy worker is not silent on a busy machine.
	 */
	private static final Duration TIMEOUT = Duration.ofSeconds(12);

	/**
	 * The worker's setting, whatever the machine has.
	 */
	private static final int CARRIERS = 2;

	@RegisterExtension
	final DemoApps apps = new DemoApps();

	/**
	 * {@link CrashIT} has a worker that does nothing at all.
	 */
	@Test
	void workerThatIsOfNoUseIsFoundAndReplacedAndNoOther() {
		DemoProcess app = this.apps.start(Launch.faults(1, "gevent")
			.jvmOptions(COLLECTOR)
			.jvmOptions("-Xmx128m", "-XX:ActiveProcessorCount=" + CARRIERS,
					"-Djdk.virtualThreadScheduler.maxPoolSize=" + CARRIERS)
			.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.timeout=" + TIMEOUT.toSeconds() + "s"));
		app.awaitWarm(1);
		workerWithFarTooMuchToDoIsNotTakenForFrozen(app);
		assertFoundAndReplaced("all carriers pinned", app, Trouble.SCHEDULER_STUCK, "/pin?seconds=100");
		if (FULL) {
			assertFoundAndReplaced("death spiral of collections", app, Trouble.GARBAGE_COLLECTION, "/memory/spiral");
		}
	}

	/**
	 * Every request holds a carrier for a second, and many more wait for one: a new
	 * virtual thread does not run within the timeout, but requests end all the time.
	 * However the carriers are shared, one or another is held for twice the timeout.
	 */
	private static void workerWithFarTooMuchToDoIsNotTakenForFrozen(DemoProcess app) {
		Fleet before = app.awaitWhole(1);
		int requests = CARRIERS * 2 * (int) TIMEOUT.toSeconds();
		Tally tally = app.load()
			.simultaneous(requests, FULL ? "/memory/churn?seconds=1" : "/pin/own?seconds=1")
			.print("%d requests that hold a carrier for a second each, %d carriers, timeout %d s".formatted(requests,
					CARRIERS, TIMEOUT.toSeconds()));
		tally.assertAllOk(requests);
		assertThat(tally.percentile(1)).as("time of the longest answer").isGreaterThan(TIMEOUT);
		assertThat(app.fleet().pids()).isEqualTo(before.pids());
		assertThat(app.lines("is being killed")).isEmpty();
	}

	private static void assertFoundAndReplaced(String what, DemoProcess app, Trouble trouble, String fault) {
		Fleet before = app.awaitWhole(1);
		int killed = app.lines("is being killed").size();
		Exchange exchange = app.load().send(fault).join();
		assertThat(exchange.ok()).as(exchange.toString()).isTrue();
		long victim = before.worker(0).pid();
		Figures.print("%s: %s", what, app
			.awaitLine("Worker 0 \\(pid %d\\) is being killed: no heartbeat within timeout \\(%d s\\), %s"
				.formatted(victim, TIMEOUT.toSeconds(), trouble.description()))
			.group());
		app.awaitFleet((fleet) -> fleet.whole(1) && !fleet.pids().contains(victim));
		assertThat(app.lines("is being killed")).hasSize(killed + 1);
	}

}
