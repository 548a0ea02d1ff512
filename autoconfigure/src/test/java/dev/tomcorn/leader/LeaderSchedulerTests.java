package dev.tomcorn.leader;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Leadership;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.scheduling.SchedulingAwareRunnable;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LeaderScheduler} with concurrent runs.
 */
@Execution(ExecutionMode.CONCURRENT)
class LeaderSchedulerTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private final SwitchedLeadership leadership = new SwitchedLeadership();

	private final ManualScheduler manual = new ManualScheduler();

	private final AtomicInteger runs = new AtomicInteger();

	private final LeaderScheduler scheduler = new LeaderScheduler(this.manual, this.leadership);

	private LeaderScheduler racing = this.scheduler;

	@Test
	void tickThatComesBeforeTheMissedRunIsMadeUpForTakesItsPlace() {
		this.scheduler.scheduleAtFixedRate(this.runs::incrementAndGet, HOUR);
		this.manual.tick();
		this.leadership.leader = true;
		this.scheduler.makeUp();
		this.manual.tick();
		this.manual.runWhatIsDue();
		assertThat(this.runs).hasValue(1);
		this.manual.tick();
		assertThat(this.runs).as("with the next tick").hasValue(2);
	}

	@Test
	void missedRunIsMadeUpForOnceHoweverOftenTheLeadershipComes() {
		this.scheduler.scheduleWithFixedDelay(this.runs::incrementAndGet, HOUR);
		this.scheduler.schedule(this.runs::incrementAndGet, Instant.now());
		this.manual.tick();
		this.manual.runWhatIsDue();
		this.leadership.leader = true;
		this.scheduler.makeUp();
		this.scheduler.makeUp();
		this.manual.runWhatIsDue();
		this.scheduler.makeUp();
		this.manual.runWhatIsDue();
		assertThat(this.runs).as("of two jobs").hasValue(2);
	}

	@Test
	void leadershipThatComesWhileATickIsMissedMakesUpForItOnce() {
		this.racing = new LeaderScheduler(this.manual, new Leadership() {

			private boolean asked;

			@Override
			public boolean isLeader() {
				// Between the first and the second check of the regular run
				LeaderSchedulerTests.this.leadership.leader = true;
				if (!this.asked) {
					this.asked = true;
					LeaderSchedulerTests.this.racing.makeUp();
				}
				return true;
			}

			@Override
			public @Nullable Hold hold() {
				return LeaderSchedulerTests.this.leadership.hold();
			}

		});
		this.racing.scheduleAtFixedRate(this.runs::incrementAndGet, HOUR);
		this.manual.tick();
		this.manual.runWhatIsDue();
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void missedRunWaitsForTheNextLeadershipWhenThisOneIsGone() {
		this.scheduler.scheduleAtFixedRate(this.runs::incrementAndGet, HOUR);
		this.manual.tick();
		this.leadership.leader = true;
		this.scheduler.makeUp();
		this.leadership.leader = false;
		this.manual.runWhatIsDue();
		assertThat(this.runs).hasValue(0);
		this.leadership.leader = true;
		this.scheduler.makeUp();
		this.manual.runWhatIsDue();
		assertThat(this.runs).hasValue(1);
	}

	@Test
	void missedRunIsMadeUpForOnTheSchedulerOfItsJob() {
		this.scheduler.scheduleAtFixedRate(new SchedulingAwareRunnable() {

			@Override
			public void run() {
				LeaderSchedulerTests.this.runs.incrementAndGet();
			}

			@Override
			public String getQualifier() {
				return "elsewhere";
			}

		}, HOUR);
		this.manual.tick();
		this.leadership.leader = true;
		this.scheduler.makeUp();
		assertThat(this.manual.due).singleElement()
			.isInstanceOfSatisfying(SchedulingAwareRunnable.class,
					(task) -> assertThat(task.getQualifier()).isEqualTo("elsewhere"));
	}

	/**
	 * A scheduler whose time the test sets.
	 */
	private static final class ManualScheduler implements TaskScheduler {

		private final List<Runnable> periodic = new ArrayList<>();

		private final List<Runnable> due = new ArrayList<>();

		void tick() {
			this.periodic.forEach(Runnable::run);
		}

		void runWhatIsDue() {
			List<Runnable> now = List.copyOf(this.due);
			this.due.clear();
			now.forEach(Runnable::run);
		}

		@Override
		public @Nullable ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
			throw new UnsupportedOperationException();
		}

		@Override
		public ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
			this.due.add(task);
			return new Future();
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant startTime, Duration period) {
			return scheduleAtFixedRate(task, period);
		}

		@Override
		public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
			this.periodic.add(task);
			return new Future();
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant startTime, Duration delay) {
			return scheduleAtFixedRate(task, delay);
		}

		@Override
		public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
			return scheduleAtFixedRate(task, delay);
		}

	}

	/**
	 * A future without a waiting thread.
	 */
	private static final class Future extends CompletableFuture<Void> implements ScheduledFuture<Void> {

		@Override
		public long getDelay(TimeUnit unit) {
			return 0;
		}

		@Override
		public int compareTo(Delayed other) {
			return 0;
		}

	}

}
