package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.process.Recording;
import dev.tomcorn.core.release.PreloadSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RecordingWatch}.
 */
class RecordingWatchTests {

	private static final PreloadSettings SETTINGS = new PreloadSettings(true, null, 1, 10, Duration.ofMinutes(2));

	@TempDir
	private Path directory;

	private final AtomicLong now = new AtomicLong();

	private RecordingWatch watch() {
		return new RecordingWatch(closed(), SETTINGS, this.now::get, Runnable::run);
	}

	private Path closed() {
		return Recording.closedMark(this.directory.resolve("key.conf"), 4711);
	}

	private void after(Duration duration) {
		this.now.addAndGet(duration.toNanos());
	}

	@Test
	void workerHasServedEnoughAfterSoManyRequestsOrSuchATime() {
		RecordingWatch watch = watch();
		assertThat(watch.hasServedEnough(100)).as("before it serves").isFalse();
		watch.serves();
		assertThat(watch.hasServedEnough(9)).isFalse();
		assertThat(watch.hasServedEnough(10)).isTrue();
		assertThat(watch.hasServedEnough(11)).as("told again").isFalse();
		RecordingWatch idle = watch();
		idle.serves();
		after(Duration.ofSeconds(119));
		assertThat(idle.hasServedEnough(0)).isFalse();
		after(Duration.ofSeconds(1));
		assertThat(idle.hasServedEnough(0)).isTrue();
	}

	@Test
	void timeToWriteBeginsWhenTheApplicationIsClosed() throws IOException {
		RecordingWatch watch = watch();
		assertThat(watch.writesForLong(true)).isFalse();
		after(Duration.ofMinutes(5));
		assertThat(watch.writesForLong(true)).as("closes for long").isFalse();
		Recording.closed(closed());
		after(Duration.ofSeconds(1));
		assertThat(watch.writesForLong(true)).isFalse();
		after(RecordingWatch.LAST_LIMIT);
		assertThat(watch.writesForLong(true)).isTrue();
		assertThat(watch.writesForLong(false)).isFalse();
		after(RecordingWatch.LIMIT);
		assertThat(watch.writesForLong(false)).isTrue();
	}

	@Test
	void markOfAnotherWorkerSaysNothing() throws IOException {
		RecordingWatch watch = watch();
		Recording.closed(Recording.closedMark(this.directory.resolve("key.conf"), 4712));
		assertThat(watch.writesForLong(true)).isFalse();
		after(RecordingWatch.LIMIT);
		assertThat(watch.writesForLong(true)).isFalse();
	}

	@Test
	void diskThatHangsHoldsUpNobody() {
		List<Runnable> hanging = new ArrayList<>();
		RecordingWatch watch = new RecordingWatch(closed(), SETTINGS, this.now::get, hanging::add);
		Recording.closed(closed());
		assertThat(watch.writesForLong(true)).isFalse();
		assertThat(watch.writesForLong(true)).isFalse();
		assertThat(hanging).hasSize(1);
		hanging.getFirst().run();
		assertThat(watch.writesForLong(true)).isFalse();
		after(RecordingWatch.LAST_LIMIT);
		assertThat(watch.writesForLong(true)).isTrue();
	}

	@Test
	void markIsLookedForOnceASecondAndAlsoAfterALookThatCouldNotBegin() throws IOException {
		List<Runnable> checks = new ArrayList<>();
		RecordingWatch watch = new RecordingWatch(closed(), SETTINGS, this.now::get, (check) -> {
			checks.add(check);
			if (checks.size() == 1) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			check.run();
		});
		Recording.closed(closed());
		assertThat(watch.writesForLong(true)).isFalse();
		after(Duration.ofMillis(999));
		assertThat(watch.writesForLong(true)).isFalse();
		assertThat(checks).hasSize(1);
		after(Duration.ofMillis(1));
		assertThat(watch.writesForLong(true)).isFalse();
		after(RecordingWatch.LAST_LIMIT);
		assertThat(watch.writesForLong(true)).isTrue();
		assertThat(checks).hasSize(2);
	}

	@Test
	void workerThatDoesNotRecordIsLeftAlone() {
		RecordingWatch watch = new RecordingWatch(null, SETTINGS, this.now::get, Runnable::run);
		watch.serves();
		after(Duration.ofHours(1));
		assertThat(watch.hasServedEnough(1_000_000)).isFalse();
		assertThat(watch.writesForLong(true)).isFalse();
	}

}
