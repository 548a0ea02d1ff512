package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FileCheck}.
 */
class FileCheckTests {

	private static final Duration PATIENCE = Duration.ofSeconds(30);

	@TempDir
	private Path directory;

	@Test
	void tellsWhetherAFileIsGone() throws IOException {
		FileCheck check = new FileCheck(Files::isRegularFile, PATIENCE, Runnable::run);
		Path file = Files.createFile(this.directory.resolve("file"));
		assertThat(check.isGone(file)).isFalse();
		Files.delete(file);
		assertThat(check.isGone(file)).isTrue();
	}

	@Test
	void diskThatHangsIsWaitedForOnceAndNothingIsKnown() {
		List<Runnable> hanging = new ArrayList<>();
		FileCheck check = new FileCheck(Files::isRegularFile, Duration.ofMillis(1), hanging::add);
		Path file = this.directory.resolve("file");
		assertThat(check.isGone(file)).isFalse();
		assertThat(check.isGone(file)).isFalse();
		assertThat(hanging).hasSize(1);
		hanging.getFirst().run();
		assertThat(check.isGone(file)).isFalse();
		assertThat(hanging).hasSize(2);
	}

	@Test
	void checkThatCannotBeginIsFollowedByAnother() {
		AtomicBoolean refused = new AtomicBoolean();
		FileCheck check = new FileCheck(Files::isRegularFile, PATIENCE, (task) -> {
			if (refused.compareAndSet(false, true)) {
				throw new OutOfMemoryError("unable to create native thread");
			}
			task.run();
		});
		Path file = this.directory.resolve("file");
		assertThat(check.isGone(file)).isFalse();
		assertThat(check.isGone(file)).isTrue();
	}

}
