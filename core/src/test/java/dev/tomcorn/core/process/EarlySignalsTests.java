package dev.tomcorn.core.process;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.arbiter.Event;
import sun.misc.Signal;
import sun.misc.SignalHandler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link EarlySignals}, isolated because signals concern the whole process.
 */
@Isolated
class EarlySignalsTests {

	private static final List<String> NAMES = List.of("HUP", "USR1", "TTIN", "TTOU");

	private static final long LIMIT_SECONDS = 60;

	private final Map<String, SignalHandler> before = new HashMap<>();

	private final Queue<String> received = new ConcurrentLinkedQueue<>();

	@BeforeEach
	void receiveSignals() {
		NAMES.forEach((name) -> this.before.put(name,
				Signal.handle(new Signal(name), (signal) -> this.received.add(signal.getName()))));
	}

	@AfterEach
	void putHandlersBack() {
		this.before.forEach((name, handler) -> Signal.handle(new Signal(name), handler));
	}

	/**
	 * Raise the signals, and return when every handler has run.
	 */
	private static void raiseAll() {
		AtomicBoolean last = new AtomicBoolean();
		Signal lowest = new Signal("WINCH");
		SignalHandler handler = Signal.handle(lowest, (signal) -> last.set(true));
		try {
			NAMES.forEach((name) -> Signal.raise(new Signal(name)));
			// The JVM starts the handlers one by one, by the number of the signal
			Signal.raise(lowest);
			await().untilTrue(last);
			await().until(() -> Thread.getAllStackTraces()
				.keySet()
				.stream()
				.noneMatch((thread) -> thread.getName().matches("SIG[A-Z0-9]+ handler")));
		}
		finally {
			Signal.handle(lowest, handler);
		}
	}

	@Test
	void arbiterGetsWhatCameBeforeAndAfterItWasThere() {
		Queue<Event> events = new ConcurrentLinkedQueue<>();
		EarlySignals signals = EarlySignals.keep();
		raiseAll();
		signals.forwardTo(events::add);
		Signal.raise(new Signal("HUP"));
		await().untilAsserted(() -> assertThat(events).containsExactlyInAnyOrder(Event.Signal.RELOAD,
				Event.Signal.DESCRIBE, Event.Signal.SCALE_UP, Event.Signal.SCALE_DOWN, Event.Signal.RELOAD));
		signals.release();
		assertThat(this.received).isEmpty();
	}

	@Test
	void othersGetWhatCameOnceItIsReleasedAndAllThatComesLater() {
		EarlySignals signals = EarlySignals.keep();
		raiseAll();
		assertThat(this.received).isEmpty();
		signals.release();
		await().untilAsserted(() -> assertThat(this.received).containsExactlyInAnyOrderElementsOf(NAMES));
		Signal.raise(new Signal("HUP"));
		await().untilAsserted(() -> assertThat(this.received).hasSize(NAMES.size() + 1));
	}

	@Test
	void oneWithinAnotherGivesBackWhatItWasGiven() {
		EarlySignals outer = EarlySignals.keep();
		EarlySignals inner = EarlySignals.keep();
		raiseAll();
		inner.release();
		outer.release();
		await().untilAsserted(() -> assertThat(this.received).containsExactlyInAnyOrderElementsOf(NAMES));
	}

	@Test
	void handlerThatSomebodyElseHasSetStays() {
		EarlySignals signals = EarlySignals.keep();
		Queue<String> elsewhere = new ConcurrentLinkedQueue<>();
		Signal.handle(new Signal("USR1"), (signal) -> elsewhere.add(signal.getName()));
		signals.release();
		Signal.raise(new Signal("USR1"));
		await().untilAsserted(() -> assertThat(elsewhere).containsExactly("USR1"));
		assertThat(this.received).isEmpty();
	}

	@Test
	void handlerThatCallsTheOneBeforeIsCalledOncePerSignal() {
		EarlySignals signals = EarlySignals.keep();
		Queue<String> elsewhere = callBefore("HUP");
		signals.release();
		for (int times = 1; times <= 2; times++) {
			raiseAll();
			assertThat(elsewhere).hasSize(times);
			assertThat(this.received.stream().filter("HUP"::equals)).hasSize(times);
		}
	}

	@Test
	void handlerThatCallsTheOneBeforeGetsWhatWasKeptOnce() {
		EarlySignals signals = EarlySignals.keep();
		raiseAll();
		Queue<String> elsewhere = callBefore("HUP");
		signals.release();
		await().untilAsserted(() -> assertThat(this.received).containsExactlyInAnyOrderElementsOf(NAMES));
		assertThat(elsewhere).hasSize(1);
	}

	@Test
	void handlerThatCallsTheOneBeforeIsNotCalledAgainByTheSystemsDefault() {
		Signal.handle(new Signal("USR1"), SignalHandler.SIG_DFL);
		EarlySignals signals = EarlySignals.keep();
		Queue<String> elsewhere = callBefore("USR1");
		signals.release();
		for (int times = 1; times <= 2; times++) {
			raiseAll();
			assertThat(elsewhere).hasSize(times);
		}
	}

	@Test
	void handlerThatIsGivenBackLaterDoesWhatTheOneBeforeDid() {
		EarlySignals outer = EarlySignals.keep();
		EarlySignals inner = EarlySignals.keep();
		outer.release();
		inner.release();
		raiseAll();
		assertThat(this.received).containsExactlyInAnyOrderElementsOf(NAMES);
	}

	/**
	 * Handle a signal and pass it on, as in a chain of handlers.
	 */
	private static Queue<String> callBefore(String name) {
		Queue<String> came = new ConcurrentLinkedQueue<>();
		AtomicReference<SignalHandler> chained = new AtomicReference<>();
		chained.set(Signal.handle(new Signal(name), (signal) -> {
			came.add(signal.getName());
			chained.get().handle(signal);
		}));
		return came;
	}

	@Test
	void systemDoesWhatItDoesByDefault() throws Exception {
		Process child = ChildJvm.builder(Solo.class).start();
		try {
			assertThat(child.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
			assertThat(child.exitValue()).isEqualTo(128 + new Signal("USR1").getNumber());
		}
		finally {
			child.destroyForcibly();
		}
	}

	/**
	 * A process that is not an arbiter and got a signal that ends it.
	 */
	static final class Solo {

		private Solo() {
		}

		public static void main(String[] arguments) throws Exception {
			EarlySignals signals = EarlySignals.keep();
			keepProcessorsBusy();
			Signal.raise(new Signal("USR1"));
			signals.release();
			Thread.currentThread().join();
		}

		/**
		 * Have the JVM dispatch the signal late, after the release.
		 */
		private static void keepProcessorsBusy() {
			for (int i = 0; i < 4 * Runtime.getRuntime().availableProcessors(); i++) {
				Thread.ofPlatform().daemon().start(() -> {
					while (true) {
						Thread.onSpinWait();
					}
				});
			}
		}

	}

}
