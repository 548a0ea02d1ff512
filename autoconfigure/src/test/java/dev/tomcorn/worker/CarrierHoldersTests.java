package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.problem.WorkerFacts.Carriers;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.Trouble;
import dev.tomcorn.core.scoreboard.WorkerFigures;
import dev.tomcorn.core.scoreboard.WorkerFigures.VirtualThreads;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecord.Note;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class CarrierHoldersTests {

	private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());

	private final AtomicInteger lentFrom = new AtomicInteger();

	private final AtomicInteger dumps = new AtomicInteger();

	private final List<ThreadStacks.Stack> stacks = new ArrayList<>();

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private WorkerRecord record;

	private CarrierHolders holders;

	@BeforeEach
	void prepare(@TempDir Path directory) throws IOException {
		WorkerRecords records = WorkerRecords.create(directory.resolve("records"), 1);
		records.claim(0, 1);
		WorkerRecord claimed = records.of(0, 1);
		assertThat(claimed).isNotNull();
		this.record = claimed;
		this.holders = new CarrierHolders(this.slot, this.lentFrom::get, this.record,
				new ApplicationFrames(List.of("com.example")), () -> {
					this.dumps.incrementAndGet();
					return this.stacks.stream().filter(ThreadStacks.Stack::mounted).toList();
				}, this.now::get);
		carriers(2);
	}

	private void carriers(int parallelism) {
		this.slot.setFigures(
				new WorkerFigures(0, null, null, 0, 0, 0, new VirtualThreads(parallelism, 0, parallelism, -1), null));
	}

	/**
	 * Replace the virtual threads.
	 */
	private void threads(ThreadStacks.Stack... newStacks) {
		this.stacks.clear();
		this.stacks.addAll(List.of(newStacks));
	}

	private static ThreadStacks.Stack mounted(long thread, String method, int line) {
		return stack(thread, true, method, line);
	}

	private static ThreadStacks.Stack stack(long thread, boolean mounted, String method, int line) {
		return new ThreadStacks.Stack(thread, mounted,
				new StackTraceElement[] { new StackTraceElement("java.lang.invoke.X", "invoke", "X.java", 1),
						new StackTraceElement("com.example.Pin", method, "Pin.java", line) });
	}

	/**
	 * Take a sample each second.
	 */
	private @Nullable Carriers sample(int seconds) {
		Carriers carriers = null;
		for (int second = 0; second < seconds; second++) {
			carriers = this.holders.sample();
			this.now.addAndGet(Duration.ofSeconds(1).toNanos());
		}
		return carriers;
	}

	@Test
	void nothingIsLookedAtWhileVirtualThreadsRun() {
		assertThat(sample(100)).isNull();
		assertThat(this.dumps).hasValue(0);
	}

	@Test
	void holdersAreToldWhileNoVirtualThreadRuns() {
		threads(mounted(1, "sleep", 64), mounted(2, "sleep", 64), stack(3, false, "waits", 1));
		this.slot.setTrouble(Trouble.SCHEDULER_STUCK);
		assertThat(sample(1)).isEqualTo(new Carriers(2, 2, "Pin.java:64", 0, 0));
		assertThat(this.record.note(Note.CARRIERS)).isEqualTo("2 carrier threads are held at Pin.java:64");
		sample(10);
		assertThat(this.dumps).as("one each five seconds").hasValue(3);
		this.slot.setTrouble(Trouble.NONE);
		assertThat(sample(1)).isNull();
		assertThat(this.record.note(Note.CARRIERS)).isEmpty();
	}

	@Test
	void thoseThatKeepTheirCarriersWhileMoreAreLentAreTold() {
		threads(mounted(1, "sleep", 64), mounted(2, "sleep", 64), mounted(3, "short", 5));
		this.lentFrom.set(2);
		carriers(4);
		assertThat(sample(1)).isNull();
		long since = this.now.get();
		assertThat(sample(1)).as("seen once").isNull();
		threads(mounted(1, "sleep", 65), mounted(2, "sleep", 65), mounted(4, "short", 5));
		sample(1);
		assertThat(sample(20)).isEqualTo(new Carriers(2, 2, "Pin.java:65", 2, since));
		assertThat(this.record.note(Note.CARRIERS)).as("it is not silent").isEmpty();
		threads(mounted(1, "sleep", 65), mounted(2, "other", 70));
		assertThat(sample(6)).as("one goes on").isNull();
		this.lentFrom.set(0);
		int before = this.dumps.get();
		assertThat(sample(20)).isNull();
		assertThat(this.dumps).hasValue(before);
	}

	/**
	 * Extra carriers stay while the load is high.
	 */
	@Test
	void requestsThatRunForAMomentHoldNoCarriers() {
		this.lentFrom.set(2);
		carriers(4);
		for (int second = 0; second < 600; second++) {
			threads(mounted(4L * second, "list", 5), mounted(4L * second + 1, "list", 5),
					mounted(4L * second + 2, "list", 5), mounted(4L * second + 3, "list", 5));
			assertThat(sample(1)).isNull();
		}
		assertThat(this.dumps.get()).as("ever fewer looks").isBetween(5, 20);
	}

}
