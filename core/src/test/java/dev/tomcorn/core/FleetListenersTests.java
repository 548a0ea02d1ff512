package dev.tomcorn.core;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;

import static org.assertj.core.api.Assertions.assertThat;

@Execution(ExecutionMode.CONCURRENT)
class FleetListenersTests {

	private final List<String> lines = new CopyOnWriteArrayList<>();

	private FleetListeners listeners(FleetListener... listeners) {
		return new FleetListeners(List.of(listeners), (level, message) -> this.lines.add(level + " " + message));
	}

	@Test
	void everyListenerIsToldEverythingInOrderAlsoWhatComesLast() {
		List<FleetEvent> first = new CopyOnWriteArrayList<>();
		List<FleetEvent> second = new CopyOnWriteArrayList<>();
		List<FleetEvent> events = new ArrayList<>();
		try (FleetListeners told = listeners(first::add, second::add)) {
			for (int number = 0; number < 100; number++) {
				events.add(new FleetEvent.Scaled(number, number + 1));
			}
			events.add(new FleetEvent.Halted(0));
			events.forEach(told::onFleetEvent);
		}
		// It is closed after at most two seconds, and goes on with the rest
		Awaitility.await().untilAsserted(() -> assertThat(second).isEqualTo(events));
		assertThat(first).isEqualTo(events);
	}

	@Test
	void listenerThatFailsKeepsNobodyFromBeingTold() {
		List<FleetEvent> told = new CopyOnWriteArrayList<>();
		FleetListener failing = (event) -> {
			throw new StackOverflowError("too deep");
		};
		try (FleetListeners listeners = listeners(failing, told::add)) {
			listeners.onFleetEvent(new FleetEvent.Started(2));
			listeners.onFleetEvent(new FleetEvent.Halted(0));
		}
		Awaitility.await().until(() -> told.size() == 2);
		assertThat(this.lines).hasSize(2).allMatch((line) -> line.startsWith("ERROR ") && line.contains("too deep"));
	}

	@Test
	void listenerThatHangsHoldsUpNobody() throws InterruptedException {
		CountDownLatch entered = new CountDownLatch(1);
		CountDownLatch never = new CountDownLatch(1);
		FleetListener hanging = (event) -> {
			entered.countDown();
			await(never);
		};
		FleetListeners listeners = listeners(hanging);
		listeners.onFleetEvent(new FleetEvent.Started(1));
		entered.await();
		for (int number = 0; number < 1100; number++) {
			listeners.onFleetEvent(new FleetEvent.Started(number));
		}
		assertThat(this.lines).hasSize(100).allMatch((line) -> line.startsWith("WARN Listeners are too slow"));
		listeners.close();
		never.countDown();
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
