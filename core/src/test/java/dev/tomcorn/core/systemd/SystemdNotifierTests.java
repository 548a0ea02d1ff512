package dev.tomcorn.core.systemd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.arbiter.ServiceManager;
import dev.tomcorn.core.arbiter.ServiceState;
import dev.tomcorn.core.arbiter.ServiceState.ReloadId;
import dev.tomcorn.core.arbiter.ServiceState.Stage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SystemdNotifierTests {

	private static final String BEGIN = "RELOADING=1\nMONOTONIC_USEC=7000000";

	private final List<String> sent = new ArrayList<>();

	private final List<String> log = new ArrayList<>();

	private long now = 1000;

	private long successor;

	private boolean full;

	private @Nullable IOException failure;

	private SystemdNotifier notifier = notifier(null);

	private SystemdNotifier notifier(@Nullable Duration watchdog) {
		return new SystemdNotifier((message) -> {
			if (this.failure != null) {
				throw this.failure;
			}
			return !this.full && this.sent.add(message);
		}, watchdog, () -> this.successor, () -> this.now, () -> Duration.ofSeconds(7),
				(level, line) -> this.log.add(line));
	}

	@Test
	void readyIsToldOnceAndTheStatusWhenItChanges() {
		turn(Stage.STARTING, "none");
		turn(Stage.SERVING, "one");
		turn(Stage.SERVING, "one");
		turn(Stage.SERVING, "two");
		assertThat(this.sent).containsExactly("STATUS=none", "READY=1\nSTATUS=one", "STATUS=two");
	}

	@Test
	void theStatusIsSaidAgainAtTimes() {
		turn(Stage.SERVING, "one");
		pass(Duration.ofMillis(9999));
		turn(Stage.SERVING, "one");
		assertThat(this.sent).hasSize(1);
		pass(Duration.ofMillis(1));
		turn(Stage.SERVING, "one");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", "STATUS=one");
	}

	@Test
	void theStatusIsOneLineOfPrintableText() {
		turn(Stage.SERVING, "x".repeat(995) + "\nREADY=1\u001b[2J");
		assertThat(this.sent).singleElement().asString().isEqualTo("READY=1\nSTATUS=" + "x".repeat(995) + "?REA…");
	}

	@Test
	void aReloadHasABeginWithItsTimeAndAnEnd() {
		turn(Stage.SERVING, "one");
		turn(Stage.SERVING, 2, "reloading");
		turn(Stage.SERVING, 2, "reloading");
		turn(Stage.SERVING, "two");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", BEGIN + "\nSTATUS=reloading",
				"READY=1\nSTATUS=two");
	}

	@Test
	void aReloadThatFollowsAnotherAtOnceHasABeginOfItsOwn() {
		turn(Stage.SERVING, "one");
		turn(Stage.SERVING, 2, "second");
		turn(Stage.SERVING, 3, "third");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", BEGIN + "\nSTATUS=second", "READY=1\nSTATUS=third",
				BEGIN + "\nSTATUS=third");
	}

	@Test
	void aReloadThatFollowsAFailedOneAtOnceHasABeginOfItsOwn() {
		turn(new ServiceState(Stage.SERVING, new ReloadId(2, 1000), Duration.ZERO, "first"));
		turn(new ServiceState(Stage.SERVING, new ReloadId(2, 2000), Duration.ZERO, "second"));
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=first", BEGIN + "\nSTATUS=first",
				"READY=1\nSTATUS=second", BEGIN + "\nSTATUS=second");
	}

	@Test
	void whoAsksForAReloadThatIsRefusedNeedNotWait() {
		turn(Stage.SERVING, "one");
		this.notifier.refused("the arbiter is being replaced");
		turn(Stage.SERVING, "one");
		String status = "STATUS=one; not reloading: the arbiter is being replaced";
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", BEGIN, "READY=1\n" + status);
		pass(Duration.ofMinutes(1));
		turn(Stage.SERVING, "one");
		assertThat(this.sent).last().isEqualTo("STATUS=one");
	}

	@Test
	void aRefusalIsNoNewsToWhomNoReloadCanHaveAsked() {
		this.notifier.refused("the first worker has not booted yet");
		turn(Stage.STARTING, "none");
		turn(Stage.SERVING, "one");
		assertThat(this.sent).containsExactly("STATUS=none", "READY=1\nSTATUS=one");
	}

	@Test
	void whatFindsNoRoomIsToldAtTheNextTurnInItsOrder() {
		turn(Stage.SERVING, "one");
		this.full = true;
		turn(Stage.SERVING, 2, "second");
		this.full = false;
		turn(Stage.SERVING, 2, "second");
		this.full = true;
		turn(Stage.STOPPING, "stopping");
		this.full = false;
		turn(Stage.STOPPING, "stopped");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", BEGIN + "\nSTATUS=second",
				"READY=1\nSTATUS=stopped", "STOPPING=1\nSTATUS=stopped");
	}

	@Test
	void theWatchdogGetsASignAtHalfItsTimeAndOnlyAtATurn() {
		this.notifier = notifier(Duration.ofSeconds(4));
		turn(Stage.SERVING, "one");
		pass(Duration.ofMillis(1999));
		turn(Stage.SERVING, "one");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", "WATCHDOG=1");
		pass(Duration.ofMillis(1));
		turn(Stage.SERVING, "one");
		assertThat(this.sent).hasSize(3);
		// A hanging loop makes no turn, however much time passes
		pass(Duration.ofSeconds(7));
		assertThat(this.sent).hasSize(3);
		turn(Stage.SERVING, "one");
		assertThat(this.sent).hasSize(4).last().isEqualTo("WATCHDOG=1");
	}

	@Test
	void moreTimeIsAskedForWhileAStartTakesItsTimeAndNotBeyondItsLimit() {
		turn(state(Stage.STARTING, 0, Duration.ofMinutes(2), "none"));
		pass(Duration.ofMillis(4999));
		turn(state(Stage.STARTING, 0, Duration.ofMinutes(2), "none"));
		assertThat(this.sent).containsExactly("STATUS=none\nEXTEND_TIMEOUT_USEC=15000000");
		pass(Duration.ofMillis(1));
		turn(state(Stage.STARTING, 0, Duration.ofSeconds(3), "none"));
		pass(Duration.ofSeconds(5));
		turn(state(Stage.STARTING, 0, Duration.ZERO, "none"));
		assertThat(this.sent).hasSize(3).last().isEqualTo("STATUS=none");
		assertThat(this.sent.get(1)).isEqualTo("EXTEND_TIMEOUT_USEC=5000000");
	}

	@Test
	void moreTimeIsAskedForInAReloadAndAtTheEndButNotWhileTheFleetServes() {
		Duration allowance = Duration.ofSeconds(40);
		turn(state(Stage.SERVING, 0, allowance, "one"));
		turn(state(Stage.SERVING, 2, allowance, "two"));
		pass(Duration.ofSeconds(5));
		turn(state(Stage.STOPPING, 2, allowance, "end"));
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=one", BEGIN + "\nSTATUS=two",
				"EXTEND_TIMEOUT_USEC=15000000", "STOPPING=1\nSTATUS=end", "EXTEND_TIMEOUT_USEC=15000000");
	}

	@Test
	void anArbiterThatIsReplacedNamesTheOtherAndSaysNoMore() {
		this.notifier = notifier(Duration.ofSeconds(1));
		turn(Stage.SERVING, "one");
		this.sent.clear();
		turn(Stage.REPLACED, "draining");
		this.successor = 4711;
		this.full = true;
		turn(Stage.REPLACED, "draining");
		this.full = false;
		turn(Stage.REPLACED, "draining");
		pass(Duration.ofMinutes(1));
		turn(Stage.REPLACED, "ended");
		assertThat(this.sent).containsExactly("MAINPID=4711");
	}

	@Test
	void anArbiterThatReplacesAnotherSaysNothingUntilItHas() {
		this.notifier = notifier(Duration.ofSeconds(1));
		turn(state(Stage.REPLACING, 0, Duration.ofMinutes(1), "none"));
		assertThat(this.sent).isEmpty();
		turn(Stage.SERVING, "all");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=all", "WATCHDOG=1");
	}

	@Test
	void aSystemdThatIsNotThereIsToldOfOnceAndHearsTheRestWhenItIs() {
		this.failure = new IOException("nobody there");
		turn(Stage.SERVING, "one");
		turn(Stage.SERVING, "two");
		this.failure = null;
		turn(Stage.SERVING, "three");
		assertThat(this.log)
			.containsExactly("systemd gets no notifications of the state of the application: nobody there");
		assertThat(this.sent).containsExactly("READY=1\nSTATUS=three");
	}

	@Test
	void nothingIsToldWhereSystemdDoesNotWantIt() {
		assertThat(SystemdNotifier.of(Map.of("WATCHDOG_USEC", "1000000"), () -> 0, (level, line) -> this.log.add(line)))
			.isSameAs(ServiceManager.NONE);
		assertThat(this.log).isEmpty();
	}

	@Test
	void aSocketOfAnotherKindIsToldOf() {
		assertThat(SystemdNotifier.of(Map.of("NOTIFY_SOCKET", "vsock:2:1234"), () -> 0,
				(level, line) -> this.log.add(line)))
			.isSameAs(ServiceManager.NONE);
		assertThat(this.log).singleElement().asString().contains("vsock:2:1234");
	}

	private void turn(Stage stage, String text) {
		turn(stage, 0, text);
	}

	private void turn(Stage stage, int reloading, String text) {
		turn(state(stage, reloading, Duration.ZERO, text));
	}

	private void turn(ServiceState state) {
		this.notifier.turn(state);
	}

	private static ServiceState state(Stage stage, int reloading, Duration allowance, String text) {
		return new ServiceState(stage, (reloading != 0) ? new ReloadId(reloading, 0) : null, allowance, text);
	}

	private void pass(Duration time) {
		this.now += time.toNanos();
	}

}
