package dev.tomcorn.core.arbiter;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import dev.tomcorn.core.arbiter.Command.Level;

import static dev.tomcorn.core.arbiter.FleetStory.BOOT_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.DRAIN_LIMIT;
import static dev.tomcorn.core.arbiter.FleetStory.GRACEFUL_TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.INSTANT;
import static dev.tomcorn.core.arbiter.FleetStory.RECORD_LIMIT;
import static dev.tomcorn.core.arbiter.FleetStory.SECOND;
import static dev.tomcorn.core.arbiter.FleetStory.TIMEOUT;
import static dev.tomcorn.core.arbiter.FleetStory.workers;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the supervision policy, event by event. Ages of a fleet from
 * {@link FleetStory#allReady} are indexes plus one.
 */
@Isolated("It sets the default locale")
class FleetStateMachineTests {

	private static ArbiterSettings withoutLimits(int workers) {
		return new ArbiterSettings(workers, 0, 1, 1, Duration.ZERO, Duration.ZERO, GRACEFUL_TIMEOUT,
				FleetStory.CLOSE_TIMEOUT, RECORD_LIMIT);
	}

	/**
	 * A fleet of one worker that has died so often that the next is spawned in 30
	 * seconds.
	 */
	private static FleetStory crashLoop() {
		FleetStory story = FleetStory.allReady(workers(1));
		long age = story.exited(1, 1).spawnedAge();
		for (int death = 2; death <= 6; death++) {
			age = story.exited(age, 1).after(CrashHistory.MAX_DELAY).tick().spawnedAge();
		}
		story.exited(age, 1);
		return story;
	}

	/**
	 * Stop a fleet: its listener's queue is empty, so that its workers drain.
	 */
	private static FleetStory stopping(FleetStory story) {
		return story.event(Event.Signal.STOP).tick().tick();
	}

	@Nested
	class Booting {

		@Test
		void firstWorkerBootsAlone() {
			FleetStory story = FleetStory.of(workers(3));
			assertThat(story.commands()).containsExactly(new Command.Publish(1, workers(3), 3),
					new Command.Spawn(new Placement(0, 0, 1, 1)));
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
		}

		@Test
		void firstReadyWorkerBringsTheRest() {
			FleetStory story = FleetStory.of(workers(3)).ready(1);
			assertThat(story.spawned()).containsExactly(new Placement(1, 1, 2, 1), new Placement(2, 2, 3, 1));
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
		}

		@Test
		void fleetOfOneSpawnsNoOther() {
			FleetStory story = FleetStory.of(workers(1)).ready(1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
		}

		@Test
		void readyLineIsTheContract() {
			FleetStory story = FleetStory.of(workers(3)).ready(1).ready(2).event(new Event.Spawned(3, 4711)).ready(3);
			assertThat(story.lines()).containsExactly("INFO Worker 2 (pid 4711) ready in 1.8 s, generation 1");
		}

		@ParameterizedTest
		@MethodSource("localesThatWriteNumbersDifferently")
		void readyLineIsTheSameInEveryLocale(Locale locale) {
			Locale before = Locale.getDefault();
			Locale.setDefault(locale);
			try {
				FleetStory story = FleetStory.of(workers(1)).event(new Event.Spawned(1, 4711)).ready(1);
				assertThat(story.lines()).containsExactly("INFO Worker 0 (pid 4711) ready in 1.8 s, generation 1");
			}
			finally {
				Locale.setDefault(before);
			}
		}

		static Stream<Locale> localesThatWriteNumbersDifferently() {
			return Stream.of(Locale.GERMANY, Locale.forLanguageTag("ar-EG-u-nu-arab"));
		}

		@Test
		void readyIsAnnouncedOnce() {
			assertThat(FleetStory.of(workers(2)).ready(1).ready(1).commands()).isEmpty();
		}

		@Test
		void bootFailureOfTheFirstWorkerHaltsWith3() {
			FleetStory story = FleetStory.of(workers(3)).exitedUnheard(1, 1);
			assertThat(story.commands()).containsExactly(new Command.Release(1),
					new Command.Announce(Level.ERROR,
							"Worker 0 (pid 4701) could not boot: exit code 1. No worker has booted, so the arbiter "
									+ "halts with exit code 3"),
					new Command.Halt(3));
		}

		@Test
		void spawnFailureOfTheFirstWorkerHaltsWith3() {
			FleetStory story = FleetStory.of(workers(3)).event(new Event.SpawnFailed(1, "No such file"));
			assertThat(story.commands()).endsWith(new Command.Halt(3)).contains(new Command.Release(1));
			assertThat(story.lines()).singleElement().asString().contains("could not be started: No such file");
		}

		@Test
		void bootFailureOfALaterWorkerIsRespawned() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).exited(2, 1);
			assertThat(story.commands()).containsExactly(
					new Command.Record(2, new Death(ExitCause.EXIT, "while booting: exit code 1"), false),
					new Command.Release(2),
					new Command.Announce(Level.WARN,
							"Worker 1 (pid 4702) ended unexpectedly while booting: exit code 1; respawning at once"),
					new Command.Spawn(new Placement(1, 1, 3, 1)));
		}

		@Test
		void deathOfTheOnlyWorkerThatWasEverReadyDoesNotHalt() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).exited(1, 1);
			assertThat(story.spawnedIndices()).containsExactly(0);
			assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
		}

		@Test
		void haltedArbiterWantsNothingMore() {
			FleetStory story = FleetStory.of(workers(3)).exited(1, 1);
			for (Event event : List.of(new Event.Ready(1, SECOND, null),
					new Event.Tick(FleetStory.beats(Map.of(1L, 1L)), 0), Event.Signal.STOP, Event.Signal.STOP_FAST,
					Event.Signal.SCALE_UP, FleetStory.exit(1, FleetStory.death(1)))) {
				assertThat(story.event(event).commands()).as("%s", event).isEmpty();
			}
		}

		@Test
		void bootTimeoutCountsFromTheSpawn() {
			FleetStory story = FleetStory.of(workers(2)).after(BOOT_TIMEOUT.minus(SECOND)).ready(1);
			assertThat(story.after(BOOT_TIMEOUT.minus(INSTANT)).tick().recording()).isEmpty();
			assertThat(story.after(INSTANT).tick().recording()).containsExactly(2L);
			assertThat(story.lines()).first()
				.isEqualTo("WARN Worker 1 (pid 4702) is being ended: not ready within boot-timeout (60 s)");
		}

		@Test
		void workerThatDoesNotBootInTimeGetsTimeToLetGoBeforeItIsKilled() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).after(BOOT_TIMEOUT).tick();
			assertThat(story.spawnedIndices()).containsExactly(1);
			assertThat(story.recorded(2).stopped()).containsExactly(new Command.Stop(2, GRACEFUL_TIMEOUT));
			assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Kill.class);
			assertThat(story.after(DRAIN_LIMIT.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().commands()).containsExactly(new Command.Kill(2));
			assertThat(story.exited(2, 137).lines()).singleElement()
				.asString()
				.contains("was killed: not ready within boot-timeout (60 s)");
		}

		@Test
		void workerThatEndsInTheTimeItGetsIsNotKilled() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).after(BOOT_TIMEOUT).tick().recorded(2);
			assertThat(story.exited(2, 143).lines()).singleElement()
				.asString()
				.contains("was ended: not ready within boot-timeout (60 s)");
		}

		@Test
		void firstWorkerIsLeftAloneHoweverLongItBoots() {
			FleetStory story = FleetStory.of(workers(2)).after(BOOT_TIMEOUT).tick();
			assertThat(story.commands()).contains(new Command.Dump(1, "boots for longer than boot-timeout")).hasSize(2);
			assertThat(story.lines()).singleElement()
				.asString()
				.isEqualTo("WARN Worker 0 (pid 4701) has booted for 60 s, longer than boot-timeout (60 s), "
						+ "and is not killed: no worker serves yet");
			assertThat(story.event(new Event.Dumped(1, "/incidents/1")).lines()).isEmpty();
			assertThat(story.after(BOOT_TIMEOUT.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().lines()).singleElement().asString().contains("has booted for 120 s");
			assertThat(story.ready(1).spawnedIndices()).containsExactly(1);
		}

		@Test
		void readyWorkerHasNoBootTimeoutAnyMore() {
			FleetStory story = FleetStory.of(workers(1)).ready(1);
			assertThat(story.after(BOOT_TIMEOUT).tick().commands()).isEmpty();
		}

		@Test
		void bootTimeoutOfZeroIsNoLimit() {
			FleetStory story = FleetStory.of(withoutLimits(1)).after(Duration.ofDays(1000)).silentTick();
			assertThat(story.commands()).isEmpty();
		}

	}

	@Nested
	class Respawning {

		@Test
		void crashOfOneWorkerSpawnsAReplacementAtOnce() {
			FleetStory story = FleetStory.allReady(workers(3)).after(SECOND).exited(2, 137);
			assertThat(story.commands()).containsExactly(new Command.Record(2, FleetStory.death(137), false),
					new Command.Release(2),
					new Command.Announce(Level.WARN,
							"Worker 1 (pid 4702) ended unexpectedly: exit code 137; respawning at once"),
					new Command.Spawn(new Placement(1, 1, 4, 1)));
		}

		@Test
		void cleanExitThatNobodyAskedForIsACrashToo() {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 0);
			assertThat(story.spawnedIndices()).containsExactly(1);
			assertThat(story.lines()).singleElement().asString().startsWith("WARN");
		}

		@ParameterizedTest
		@EnumSource
		void quickDeathsAreRespawnedEverMoreSlowly(QuickDeath death) {
			FleetStory story = FleetStory.allReady(workers(1));
			story.exited(1, 1);
			List<Long> delays = new ArrayList<>(List.of(0L));
			while (delays.size() < 9) {
				long age = story.spawnedAge();
				death.of(story, age);
				delays.add(secondsUntilSpawn(story));
			}
			assertThat(delays).containsExactly(0L, 1L, 2L, 4L, 8L, 16L, 30L, 30L, 30L);
		}

		/**
		 * Wait for the next worker and leave the story at its spawn.
		 */
		private long secondsUntilSpawn(FleetStory story) {
			for (long seconds = 1; seconds <= 100; seconds++) {
				assertThat(story.after(SECOND.minus(INSTANT)).tick().spawned()).isEmpty();
				if (!story.after(INSTANT).tick().spawned().isEmpty()) {
					return seconds;
				}
			}
			throw new AssertionError("Not respawned");
		}

		@Test
		void delayIsAnnounced() {
			FleetStory story = FleetStory.allReady(workers(1)).exited(1, 1);
			story.exited(story.spawnedAge(), 1);
			long third = story.after(SECOND).tick().spawnedAge();
			assertThat(story.exited(third, 1).lines()).singleElement()
				.isEqualTo("WARN Worker 0 (pid 4703) ended unexpectedly while booting: exit code 1; respawning in 2 s");
		}

		@Test
		void quietMinuteEndsTheStreak() {
			FleetStory story = crashLoop();
			long age = story.after(CrashHistory.MAX_DELAY).tick().spawnedAge();
			story.ready(age).after(CrashHistory.QUIET).tick();
			age = story.exited(age, 1).spawnedAge();
			story.ready(age).exited(age, 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().spawnedIndices()).containsExactly(0);
		}

		@Test
		void lessThanAQuietMinuteContinuesTheStreak() {
			FleetStory story = crashLoop();
			long age = story.after(CrashHistory.MAX_DELAY).tick().spawnedAge();
			story.ready(age).after(CrashHistory.QUIET.minus(INSTANT)).tick().exited(age, 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(CrashHistory.MAX_DELAY.minus(INSTANT)).tick().spawned()).isEmpty();
			assertThat(story.after(INSTANT).tick().spawnedIndices()).containsExactly(0);
		}

		@Test
		void timeToBootIsNotQuietTime() {
			FleetStory story = crashLoop();
			long age = story.after(CrashHistory.MAX_DELAY).tick().spawnedAge();
			story.after(BOOT_TIMEOUT.minus(INSTANT)).tick().ready(age).after(SECOND).exited(age, 1);
			assertThat(story.spawned()).isEmpty();
		}

		@Test
		void deathAfterALongBootIsQuickToo() {
			FleetStory story = FleetStory.allReady(withoutLimits(1)).exited(1, 1);
			long age = story.spawnedAge();
			story.after(CrashHistory.QUIET.multipliedBy(2)).silentTick().exited(age, 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().spawnedIndices()).containsExactly(0);
		}

		@Test
		void crashLoopOfOneWorkerDelaysNoOther() {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
			story.exited(story.spawnedAge(), 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.exited(1, 1).spawnedIndices()).containsExactly(0);
		}

		@Test
		void replacementTakesTheSlotThatWasReleased() {
			FleetStory story = FleetStory.allReady(workers(3)).exited(1, 1);
			assertThat(story.spawned()).containsExactly(new Placement(0, 0, 4, 1));
			assertThat(story.exited(3, 1).spawned()).containsExactly(new Placement(2, 2, 5, 1));
		}

	}

	/**
	 * Ways to die quickly without a successor until the exit.
	 */
	enum QuickDeath {

		WHILE_BOOTING {

			@Override
			void of(FleetStory story, long age) {
				story.exited(age, 1);
			}

		},

		SOON_AFTER_READY {

			@Override
			void of(FleetStory story, long age) {
				story.ready(age).exited(age, 1);
			}

		},

		NOT_EVEN_SPAWNED {

			@Override
			void of(FleetStory story, long age) {
				story.event(new Event.SpawnFailed(age, "Out of memory"));
			}

		},

		DRAINED_WHILE_BOOTING {

			@Override
			void of(FleetStory story, long age) {
				story.event(new Event.Draining(age)).exited(age, 1);
			}

		},

		DRAINED_SOON_AFTER_READY {

			@Override
			void of(FleetStory story, long age) {
				story.ready(age).event(new Event.Draining(age)).exited(age, 1);
			}

		};

		abstract void of(FleetStory story, long age);

	}

	@Nested
	class Heartbeats {

		@Test
		void silentWorkerIsKilledAndReplacedAtOnce() {
			FleetStory story = FleetStory.allReady(workers(2));
			assertThat(story.after(TIMEOUT.minus(INSTANT)).silentTick().commands()).isEmpty();
			story.tickWithout(2).after(INSTANT).tickWithout(2);
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.WARN,
							"Worker 1 (pid 4702) is being killed: no heartbeat within timeout (30 s)"),
					new Command.Record(2, new Death(ExitCause.SILENT, "no heartbeat within timeout (30 s)"), true),
					new Command.Spawn(new Placement(2, 1, 3, 1)));
			assertThat(story.event(new Event.Recorded(2, "")).commands()).containsExactly(new Command.Kill(2));
		}

		@Test
		void everyChangeOfTheHeartbeatIsASignOfLife() {
			FleetStory story = FleetStory.allReady(workers(1));
			for (long heartbeat : new long[] { 5, -3, Long.MAX_VALUE, 0, 7 }) {
				story.after(TIMEOUT.minus(INSTANT)).beat(heartbeat);
				assertThat(story.commands()).as("heartbeat %d", heartbeat).isEmpty();
			}
		}

		@Test
		void sameHeartbeatIsNoSignOfLife() {
			FleetStory story = FleetStory.allReady(workers(1)).beat(9);
			assertThat(story.after(TIMEOUT).beat(9).recording()).containsExactly(1L);
		}

		@Test
		void becomingReadyIsASignOfLife() {
			FleetStory story = FleetStory.of(workers(1)).after(TIMEOUT).ready(1);
			assertThat(story.after(TIMEOUT.minus(INSTANT)).silentTick().commands()).isEmpty();
			assertThat(story.after(INSTANT).silentTick().recording()).containsExactly(1L);
		}

		@Test
		void bootingWorkerMayBeSilent() {
			FleetStory story = FleetStory.of(workers(1)).after(BOOT_TIMEOUT.minus(INSTANT)).silentTick();
			assertThat(story.commands()).isEmpty();
		}

		@Test
		void drainingWorkerMayBeSilent() {
			ArbiterSettings settings = new ArbiterSettings(1, 0, 1, 1, BOOT_TIMEOUT, TIMEOUT, TIMEOUT.multipliedBy(2),
					FleetStory.CLOSE_TIMEOUT, RECORD_LIMIT);
			FleetStory story = stopping(FleetStory.allReady(settings));
			assertThat(story.after(TIMEOUT.multipliedBy(2)).silentTick().commands()).isEmpty();
		}

		@Test
		void timeoutOfZeroIsNoLimit() {
			FleetStory story = FleetStory.allReady(withoutLimits(1)).after(Duration.ofDays(1000)).silentTick();
			assertThat(story.commands()).isEmpty();
		}

		@Test
		void silentWorkerIsRecordedAndKilledOnce() {
			FleetStory story = FleetStory.allReady(workers(1)).after(TIMEOUT).silentTick();
			assertThat(story.recording()).containsExactly(1L);
			assertThat(story.after(RECORD_LIMIT.minus(INSTANT)).silentTick().commands()).isEmpty();
			assertThat(story.recorded(1).killed()).containsExactly(1L);
			assertThat(story.recorded(1).commands()).isEmpty();
			assertThat(story.after(TIMEOUT).tick().commands()).doesNotContain(new Command.Kill(1));
		}

		@Test
		void exitOfAKilledWorkerBringsNoSecondReplacement() {
			FleetStory story = FleetStory.allReady(workers(1)).after(TIMEOUT).silentTick();
			assertThat(story.spawnedIndices()).containsExactly(0);
			story.recorded(1).exited(1, 137);
			assertThat(story.commands()).startsWith(new Command.Release(1));
			assertThat(story.spawned()).isEmpty();
			assertThat(story.lines()).singleElement()
				.isEqualTo(
						"WARN Worker 0 (pid 4701) was killed: no heartbeat within timeout (30 s); another worker has replaced it");
		}

		@Test
		void workerThatHangsAfterAQuietMinuteHasNotCrashedQuickly() {
			FleetStory story = FleetStory.allReady(workers(1));
			long age = 1;
			for (int hang = 1; hang <= 5; hang++) {
				story.after(CrashHistory.QUIET).tick().after(TIMEOUT).silentTick();
				long next = story.spawnedAge();
				story.exited(age, 137).ready(next);
				age = next;
			}
			assertThat(story.streak(0)).isEqualTo(1);
		}

		@Test
		void workersThatHangSoonAfterReadyAreRespawnedEverMoreSlowly() {
			ArbiterSettings settings = new ArbiterSettings(1, 0, 1, 1, BOOT_TIMEOUT, SECOND, GRACEFUL_TIMEOUT,
					FleetStory.CLOSE_TIMEOUT, RECORD_LIMIT);
			FleetStory story = FleetStory.allReady(settings).after(SECOND).silentTick();
			long second = story.spawnedAge();
			story.exited(1, 137).ready(second).after(SECOND).silentTick();
			assertThat(story.recording()).containsExactly(second);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.exited(second, 137).lines()).singleElement().asString().endsWith("; respawning in 1 s");
			assertThat(story.after(SECOND.minus(INSTANT)).tick().spawned()).isEmpty();
			assertThat(story.after(INSTANT).tick().spawnedIndices()).containsExactly(0);
		}

		@Test
		void killedWorkerThatIsNotNeededAnyMoreIsNotReplaced() {
			FleetStory story = FleetStory.allReady(workers(2))
				.after(TIMEOUT)
				.tickWithout(2)
				.event(Event.Signal.SCALE_DOWN);
			assertThat(story.exited(2, 137).lines()).singleElement().asString().endsWith("; no longer needed");
			assertThat(story.spawned()).isEmpty();
		}

	}

	@Nested
	class Stopping {

		@Test
		void termDrainsEveryWorkerAndThenHaltsWith0() {
			FleetStory story = FleetStory.allReady(workers(3)).event(Event.Signal.STOP);
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.INFO, "Stopping: draining 3 worker(s), at most 20 s"),
					new Command.RefuseConnections());
			assertThat(story.tick().commands()).isEmpty();
			assertThat(story.tick().commands()).containsExactly(new Command.CloseListener(),
					new Command.Stop(1, GRACEFUL_TIMEOUT), new Command.Stop(2, GRACEFUL_TIMEOUT),
					new Command.Stop(3, GRACEFUL_TIMEOUT));
			assertThat(story.exited(2, 143).commands()).containsExactly(new Command.Release(2),
					new Command.Announce(Level.INFO, "Worker 1 (pid 4702) stopped: exit code 143"));
			assertThat(story.exited(1, 0).commands()).containsExactly(new Command.Release(1),
					new Command.Announce(Level.INFO, "Worker 0 (pid 4701) stopped"));
			assertThat(story.exited(3, 143).commands()).containsExactly(new Command.Release(3),
					new Command.Announce(Level.INFO, "Worker 2 (pid 4703) stopped: exit code 143"),
					new Command.Halt(0));
		}

		@Test
		void termWithoutWorkersHaltsAtOnce() {
			assertThat(crashLoop().event(Event.Signal.STOP).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void intWithoutWorkersHaltsAtOnce() {
			assertThat(crashLoop().event(Event.Signal.STOP_FAST).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void secondTermChangesNothing() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP).after(SECOND);
			FleetState before = story.state();
			assertThat(story.event(Event.Signal.STOP).commands()).isEmpty();
			assertThat(story.state()).isEqualTo(before);
		}

		@Test
		void termDuringTheFirstBootHaltsWith0() {
			FleetStory story = FleetStory.of(workers(3)).event(Event.Signal.STOP);
			assertThat(story.stopped()).containsExactly(new Command.Stop(1, GRACEFUL_TIMEOUT));
			assertThat(story.exited(1, 143).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void termDoesNotAskADrainingWorkerAgain() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN);
			assertThat(stopping(story).stopped()).containsExactly(new Command.Stop(1, GRACEFUL_TIMEOUT));
		}

		@Test
		void drainingWorkerIsKilledAfterGracefulTimeoutAndMargin() {
			FleetStory story = stopping(FleetStory.allReady(workers(2)));
			assertThat(story.after(DRAIN_LIMIT.minus(INSTANT)).tick().commands()).isEmpty();
			story.after(INSTANT).tick();
			assertThat(story.recording()).containsExactly(1L, 2L);
			assertThat(story.lines())
				.contains("WARN Worker 0 (pid 4701) is being killed: still running after its time to drain (35 s)");
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
			assertThat(story.recorded(1).killed()).containsExactly(1L);
			assertThat(story.recorded(2).killed()).containsExactly(2L);
			assertThat(story.exited(1, 137).exited(2, 137).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void intStopsWithoutWaitingForRequests() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP_FAST);
			assertThat(story.stopped()).containsExactly(new Command.Stop(1, Duration.ZERO),
					new Command.Stop(2, Duration.ZERO));
			assertThat(story.killed()).isEmpty();
			assertThat(story.exited(1, 143).commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
			assertThat(story.exited(2, 143).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void workerThatDoesNotEndAfterIntIsKilled() {
			FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP_FAST);
			assertThat(story.after(Ending.FAST_STOP_LIMIT.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().killed()).containsExactly(1L);
		}

		@Test
		void secondIntKills() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP_FAST);
			assertThat(story.event(Event.Signal.STOP_FAST).killed()).containsExactly(1L, 2L);
			assertThat(story.stopped()).isEmpty();
			assertThat(story.exited(1, 137).exited(2, 137).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void intDuringTermShortensTheDrain() {
			FleetStory story = stopping(FleetStory.allReady(workers(1))).after(SECOND);
			assertThat(story.event(Event.Signal.STOP_FAST).stopped())
				.containsExactly(new Command.Stop(1, Duration.ZERO));
			assertThat(story.killed()).isEmpty();
			assertThat(story.after(Ending.FAST_STOP_LIMIT).tick().killed()).containsExactly(1L);
		}

		@Test
		void intDuringTermDoesNotProlongTheDrain() {
			FleetStory story = stopping(FleetStory.allReady(workers(1))).after(DRAIN_LIMIT.minus(SECOND));
			story.event(Event.Signal.STOP_FAST);
			assertThat(story.after(SECOND.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().killed()).containsExactly(1L);
			assertThat(story.lines())
				.contains("WARN Worker 0 (pid 4701) is being killed: still running after its time to drain (35 s)");
		}

		@Test
		void intDoesNotProlongTheDrainOfAWorkerThatEndsItself() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			long replacement = story.spawnedAge();
			story.after(DRAIN_LIMIT.minus(SECOND)).event(Event.Signal.STOP_FAST).exited(replacement, 143);
			assertThat(story.after(SECOND.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().killed()).containsExactly(1L);
		}

		@Test
		void termAfterIntChangesNothing() {
			FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.STOP_FAST);
			assertThat(story.event(Event.Signal.STOP).commands()).isEmpty();
			assertThat(story.after(Ending.FAST_STOP_LIMIT).tick().killed()).containsExactly(1L);
		}

		@Test
		void deathOfAWorkerThatWasBeingKilledBeforeTermHaltsWith0() {
			FleetStory story = FleetStory.allReady(workers(1)).after(TIMEOUT).silentTick();
			long replacement = story.spawnedAge();
			story.event(Event.Signal.STOP).exited(replacement, 143);
			assertThat(story.commands()).doesNotHaveAnyElementsOfTypes(Command.Halt.class);
			assertThat(story.exited(1, 137).commands()).containsExactly(new Command.Release(1),
					new Command.Announce(Level.INFO, "Worker 0 (pid 4701) stopped: exit code 137"),
					new Command.Halt(0));
		}

		@Test
		void intDoesNotAskAWorkerThatIsBeingKilled() {
			FleetStory story = FleetStory.allReady(workers(1)).after(TIMEOUT).silentTick();
			long replacement = story.spawnedAge();
			assertThat(story.event(Event.Signal.STOP_FAST).stopped())
				.containsExactly(new Command.Stop(replacement, Duration.ZERO));
			assertThat(story.killed()).containsExactly(1L);
		}

		@ParameterizedTest
		@EnumSource(names = { "STOP", "STOP_FAST" })
		void deathWhileStoppingIsNotRespawned(Event.Signal signal) {
			FleetStory story = FleetStory.allReady(workers(2)).event(signal).exited(1, 1);
			assertThat(story.commands()).containsExactly(new Command.Release(1),
					new Command.Announce(Level.INFO, "Worker 0 (pid 4701) stopped: exit code 1"));
			assertThat(story.after(SECOND).tick().spawned()).isEmpty();
		}

		@ParameterizedTest
		@EnumSource(names = { "STOP", "STOP_FAST" })
		void workerThatWouldHaveBeenRespawnedLaterIsNotRespawnedWhileStopping(Event.Signal signal) {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
			story.exited(story.spawnedAge(), 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.event(signal).after(SECOND).tick().spawned()).isEmpty();
			assertThat(story.exited(1, 143).commands()).endsWith(new Command.Halt(0));
		}

		@Test
		void workerThatBecomesReadyWhileStoppingDoesNotCount() {
			FleetStory story = FleetStory.of(workers(2)).event(Event.Signal.STOP);
			assertThat(story.ready(1).commands()).isEmpty();
			assertThat(story.after(DRAIN_LIMIT).tick().recording()).containsExactly(1L);
		}

		@ParameterizedTest
		@EnumSource(names = { "SCALE_UP", "SCALE_DOWN" })
		void nothingIsScaledWhileStopping(Event.Signal signal) {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.STOP);
			assertThat(story.event(signal).commands()).isEmpty();
			assertThat(story.state().targetWorkers()).isEqualTo(2);
		}

		@Test
		void drainOfAWorkerThatWasAskedIsExpected() {
			FleetStory story = stopping(FleetStory.allReady(workers(1)));
			assertThat(story.event(new Event.Draining(1)).commands()).isEmpty();
		}

	}

	@Nested
	class Scaling {

		@Test
		void scaleUpSpawnsOneMore() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_UP);
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.INFO, "Scaling from 2 to 3 workers"),
					new Command.Publish(1, workers(2), 3), new Command.Spawn(new Placement(2, 2, 3, 1)));
		}

		@Test
		void scaleDownDrainsTheHighestIndex() {
			FleetStory story = FleetStory.allReady(workers(3)).event(Event.Signal.SCALE_DOWN);
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.INFO, "Scaling from 3 to 2 workers"),
					new Command.Publish(1, workers(3), 2),
					new Command.Announce(Level.INFO, "Worker 2 (pid 4703) drains: it is no longer needed"),
					new Command.Stop(3, GRACEFUL_TIMEOUT));
			assertThat(story.exited(3, 143).commands()).containsExactly(new Command.Release(3),
					new Command.Announce(Level.INFO, "Worker 2 (pid 4703) stopped: exit code 143"));
			assertThat(story.after(SECOND).tick().commands()).isEmpty();
		}

		@Test
		void workerThatIsScaledDownIsKilledAfterGracefulTimeoutAndMargin() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN);
			assertThat(story.after(DRAIN_LIMIT.minus(INSTANT)).tick().commands()).isEmpty();
			assertThat(story.after(INSTANT).tick().recording()).containsExactly(2L);
			assertThat(story.exited(2, 137).spawned()).isEmpty();
		}

		@Test
		void oneWorkerAlwaysStays() {
			FleetStory story = FleetStory.allReady(workers(1)).event(Event.Signal.SCALE_DOWN);
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.WARN, "Not scaling to 0 workers: the limits are 1 and 128"));
			assertThat(story.state().targetWorkers()).isEqualTo(1);
		}

		@Test
		void thereAreNeverMoreThanTheMostWorkers() {
			FleetStory story = FleetStory.allReady(workers(ArbiterSettings.MAX_WORKERS - 1));
			assertThat(story.event(Event.Signal.SCALE_UP).spawnedIndices()).containsExactly(127);
			assertThat(story.event(Event.Signal.SCALE_UP).commands()).containsExactly(
					new Command.Announce(Level.WARN, "Not scaling to 129 workers: the limits are 1 and 128"));
			assertThat(story.state().targetWorkers()).isEqualTo(128);
		}

		@Test
		void indexIsReusedWhileTheDrainingWorkerKeepsItsSlot() {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.SCALE_DOWN);
			assertThat(story.event(Event.Signal.SCALE_UP).spawned()).containsExactly(new Placement(2, 1, 3, 1));
			assertThat(story.exited(2, 143).spawned()).isEmpty();
			assertThat(story.event(Event.Signal.SCALE_UP).spawned()).containsExactly(new Placement(1, 2, 4, 1));
		}

		@Test
		void slotsStayDistinctHoweverOftenTheFleetIsScaled() {
			FleetStory story = FleetStory.allReady(workers(2));
			for (int time = 1; time <= 10; time++) {
				story.event(Event.Signal.SCALE_DOWN).event(Event.Signal.SCALE_UP);
				assertThat(story.living()).extracting((worker) -> worker.placement().slot()).doesNotHaveDuplicates();
				assertThat(story.living()).filteredOn(WorkerHandle::active)
					.extracting(WorkerHandle::index)
					.doesNotHaveDuplicates();
			}
		}

		@Test
		void workersLeftBehindHoldUpNoOtherUntilThereAreTwiceAsManyAsUsual() {
			FleetStory story = FleetStory.allReady(workers(2));
			for (int time = 1; time <= 4; time++) {
				assertThat(story.event(Event.Signal.SCALE_DOWN).event(Event.Signal.SCALE_UP).spawnedIndices())
					.containsExactly(1);
			}
			assertThat(story.living()).hasSize(6);
			assertThat(story.event(Event.Signal.SCALE_DOWN).event(Event.Signal.SCALE_UP).spawned()).isEmpty();
			assertThat(story.drained(2).spawnedIndices()).containsExactly(1);
		}

		@Test
		void deathOfTheLastThatServesIsMadeUpForWhileTheOthersDrain() {
			FleetStory story = FleetStory.allReady(workers(4))
				.event(Event.Signal.SCALE_DOWN)
				.event(Event.Signal.SCALE_DOWN)
				.event(Event.Signal.SCALE_DOWN)
				.exited(1, 137);
			assertThat(story.spawnedIndices()).containsExactly(0);
			assertThat(story.lines()).singleElement().asString().endsWith("respawning at once");
		}

		@Test
		void reloadDoesNotWaitForWorkersLeftBehind() {
			FleetStory story = FleetStory.allReady(workers(3))
				.event(Event.Signal.SCALE_DOWN)
				.event(Event.Signal.SCALE_DOWN)
				.event(Event.Signal.RELOAD);
			assertThat(story.spawned()).containsExactly(new Placement(3, 0, 4, 2));
		}

		@ParameterizedTest
		@EnumSource(value = Event.Signal.class, names = { "SCALE_UP", "RELOAD" })
		void pauseThatEndsDoesNotWaitForTheWorkersItHasLeftBehind(Event.Signal signal) {
			FleetStory story = FleetStory.allReady(workers(2)).event(Event.Signal.PAUSE).event(signal);
			assertThat(story.spawnedIndices()).contains(0);
			assertThat(story.ready(3).ready(story.state().nextAge() - 1).living()).filteredOn(WorkerHandle::active)
				.hasSize(2);
		}

		@Test
		void placeIsFilledWhereNobodyServesOrBootsThoughThereAreAsManyProcessesAsThereMayBe() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			assertThat(story.event(new Event.Draining(2)).spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().spawnedIndices()).containsExactly(0);
			assertThat(story.living()).hasSize(3);
		}

		@Test
		void deathThatWaitsForRoomIsNotAnnouncedAsReplacedAtOnce() {
			FleetStory story = FleetStory.allReady(workers(3)).event(new Event.Draining(1)).ready(4);
			story.event(new Event.Draining(2)).exited(3, 1);
			assertThat(story.spawnedIndices()).containsExactly(1);
			assertThat(story.lines()).singleElement()
				.asString()
				.endsWith("respawning when another worker has ended: the limit of processes is reached");
			assertThat(story.drained(1).spawnedIndices()).containsExactly(2);
		}

		@Test
		void placeThatWaitsForTheNewGenerationIsAnnouncedSo() {
			FleetStory story = FleetStory.allReady(workers(3)).after(TIMEOUT).tickWithout(3);
			story.exited(story.spawnedAge(), 1).exited(2, 1);
			story.exited(story.spawnedAge(), 1).event(Event.Signal.RELOAD);
			assertThat(story.exited(3, 137).lines()).singleElement()
				.asString()
				.endsWith("respawning when a worker of the new generation is ready");
		}

		@Test
		void bootingWorkerIsScaledDownToo() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).event(Event.Signal.SCALE_DOWN);
			assertThat(story.stopped()).containsExactly(new Command.Stop(2, GRACEFUL_TIMEOUT));
			assertThat(story.ready(2).commands()).isEmpty();
		}

		@Test
		void scaleUpDuringTheFirstBootWaitsForIt() {
			FleetStory story = FleetStory.of(workers(1)).event(Event.Signal.SCALE_UP);
			assertThat(story.commands()).contains(new Command.Publish(1, workers(1), 2));
			assertThat(story.spawned()).isEmpty();
			assertThat(story.ready(1).spawnedIndices()).containsExactly(1);
		}

		@Test
		void placeThatIsScaledAwayIsNotFilledAfterItsBackoff() {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
			story.exited(story.spawnedAge(), 1).event(Event.Signal.SCALE_DOWN);
			assertThat(story.after(CrashHistory.MAX_DELAY).tick().spawned()).isEmpty();
		}

		@Test
		void scalingDownAndUpDoesNotOutwitTheBackoff() {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
			story.exited(story.spawnedAge(), 1).event(Event.Signal.SCALE_DOWN).event(Event.Signal.SCALE_UP);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().spawnedIndices()).containsExactly(1);
		}

	}

	@Nested
	class UnrequestedDrain {

		@Test
		void workerThatDrainsUnaskedIsReplacedAtOnce() {
			FleetStory story = FleetStory.allReady(workers(2)).after(SECOND).event(new Event.Draining(2));
			assertThat(story.commands()).containsExactly(
					new Command.Announce(Level.WARN, "Worker 1 (pid 4702) is ending without being asked to"),
					new Command.Spawn(new Placement(2, 1, 3, 1)));
			assertThat(story.exited(2, 143).commands()).containsExactly(new Command.Release(2),
					new Command.Announce(Level.INFO, "Worker 1 (pid 4702) stopped: exit code 143"));
		}

		@Test
		void unaskedDrainIsCountedOnce() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			long second = story.spawnedAge();
			story.exited(1, 143).ready(second).exited(second, 1);
			assertThat(story.spawned()).isEmpty();
			assertThat(story.after(SECOND).tick().spawnedIndices()).containsExactly(0);
		}

		@Test
		void unaskedDrainWhileBootingIsReplacedAtOnceAndCountedOnce() {
			FleetStory story = FleetStory.of(workers(2)).ready(1).event(new Event.Draining(2));
			long second = story.spawnedAge();
			assertThat(story.exited(2, 1).spawned()).isEmpty();
			assertThat(story.streak(1)).isEqualTo(1);
			story.exited(second, 1);
			assertThat(story.streak(1)).isEqualTo(2);
		}

		@Test
		void unaskedDrainAfterAQuietMinuteIsNoQuickDeath() {
			FleetStory story = FleetStory.allReady(workers(1));
			long age = 1;
			for (int time = 1; time <= 3; time++) {
				long next = story.after(CrashHistory.QUIET).tick().event(new Event.Draining(age)).spawnedAge();
				story.exited(age, 143).ready(next);
				age = next;
			}
			assertThat(story.streak(0)).isEqualTo(1);
		}

		@Test
		void drainIsAnnouncedOnce() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			assertThat(story.event(new Event.Draining(1)).commands()).isEmpty();
		}

		@Test
		void workerThatDrainsUnaskedIsKilledAfterGracefulTimeoutAndMargin() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			assertThat(story.after(DRAIN_LIMIT.minus(INSTANT)).tick().killed()).isEmpty();
			assertThat(story.after(INSTANT).tick().recording()).containsExactly(1L);
			assertThat(story.exited(1, 137).spawned()).isEmpty();
		}

		@Test
		void deathOfAWorkerThatDrainsUnaskedDuringTermHaltsWith0() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Draining(1));
			long second = story.spawnedAge();
			story.event(Event.Signal.STOP);
			assertThat(story.stopped()).containsExactly(new Command.Stop(second, GRACEFUL_TIMEOUT));
			assertThat(story.exited(1, 143).exited(second, 143).commands()).endsWith(new Command.Halt(0));
		}

	}

	@Nested
	class Oddities {

		@Test
		void eventsAboutUnknownWorkersAreIgnored() {
			FleetStory story = FleetStory.allReady(workers(2)).exited(2, 1);
			FleetState before = story.state();
			for (long age : LongStream.of(2, 99, 0, -1, Long.MAX_VALUE).toArray()) {
				for (Event event : List.of(new Event.Spawned(age, 1), new Event.SpawnFailed(age, "no"),
						new Event.Ready(age, SECOND, null), new Event.Draining(age),
						FleetStory.exit(age, FleetStory.death(1)),
						new Event.Tick(FleetStory.beats(Map.of(age, 7L)), 0))) {
					assertThat(story.event(event).commands()).as("%s", event).isEmpty();
					assertThat(story.state()).as("%s", event).isEqualTo(before);
				}
			}
		}

		@Test
		void pidThatIsKnownOnlyAfterReadyIsKept() {
			FleetStory story = FleetStory.allReady(workers(1)).event(new Event.Spawned(1, 77));
			assertThat(story.exited(1, 1).lines()).singleElement().asString().startsWith("WARN Worker 0 (pid 77) ");
		}

		@Test
		void stateThatWasHandedOutDoesNotChange() {
			FleetStory story = FleetStory.of(workers(2));
			FleetState before = story.state();
			story.ready(1).exited(1, 1).event(Event.Signal.SCALE_UP);
			assertThat(before.workers()).hasSize(1);
			assertThat(before.crashes()).isEmpty();
			assertThat(before.targetWorkers()).isEqualTo(2);
		}

	}

}
