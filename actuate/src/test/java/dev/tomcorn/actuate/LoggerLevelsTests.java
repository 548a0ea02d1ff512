package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.peer.RunDirectoryWatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.logging.LogLevel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link LoggerLevels} with several workers.
 */
@Execution(ExecutionMode.CONCURRENT)
class LoggerLevelsTests {

	@TempDir
	private Path directory;

	private final RunDirectoryWatch watch = new RunDirectoryWatch();

	private Node one;

	private Node other;

	@BeforeEach
	void start() {
		this.one = new Node(this.directory);
		this.other = new Node(this.directory);
	}

	@AfterEach
	void stop() {
		this.watch.close();
	}

	/**
	 * A worker that records its levels.
	 */
	private static final class Node {

		private final Map<String, @Nullable LogLevel> levels = new LinkedHashMap<>();

		private final List<String> calls = new CopyOnWriteArrayList<>();

		private final LoggerLevels shared;

		Node(Path directory) {
			this.shared = new LoggerLevels(directory, (name, level) -> {
				this.levels.put(name, level);
				this.calls.add(name + "=" + level);
			});
		}

	}

	@Test
	void levelSetInOneWorkerReachesTheOtherOnce() throws IOException {
		this.one.shared.set("com.example", LogLevel.DEBUG);
		assertThat(this.one.calls).containsExactly("com.example=DEBUG");
		this.other.shared.refresh();
		this.other.shared.refresh();
		assertThat(this.other.calls).containsExactly("com.example=DEBUG");
		this.one.shared.refresh();
		assertThat(this.one.calls).hasSize(1);
	}

	@Test
	void resetReachesOthersToo() throws IOException {
		this.one.shared.set("com.example", LogLevel.DEBUG);
		this.other.shared.refresh();
		this.one.shared.set("com.example", null);
		this.other.shared.refresh();
		assertThat(this.other.calls).containsExactly("com.example=DEBUG", "com.example=null");
	}

	@Test
	void workerThatComesLaterBeginsWithTheLastOfEach() throws IOException {
		this.one.shared.set("web", LogLevel.DEBUG);
		this.other.shared.set("com.example", LogLevel.TRACE);
		this.other.shared.set("web", LogLevel.WARN);
		Node later = new Node(this.directory);
		later.shared.start(this.watch);
		assertThat(later.calls).containsExactly("com.example=TRACE", "web=WARN");
		later.shared.close();
	}

	@Test
	void changeIsSeenWithoutBeingToldOfIt() throws IOException {
		this.other.shared.start(this.watch);
		this.one.shared.set("com.example", LogLevel.ERROR);
		await().until(() -> this.other.calls.contains("com.example=ERROR"));
		this.other.shared.close();
	}

	@Test
	void lookDoesNotWaitForTheLogAndSaysOnceWhatItCannotRead() throws IOException {
		List<Runnable> hanging = new ArrayList<>();
		Path unreadable = Files.createDirectory(this.directory.resolve("unreadable"));
		Path loop = unreadable.resolve("loggers");
		Files.createSymbolicLink(loop, loop);
		LoggerLevels failing = new LoggerLevels(unreadable, (name, level) -> {
		}, hanging::add);
		failing.refresh();
		failing.refresh();
		assertThat(hanging).hasSize(1);
		this.one.shared.set("com.example", LogLevel.DEBUG);
		LoggerLevels reading = new LoggerLevels(this.directory, (name, level) -> {
		}, hanging::add);
		reading.refresh();
		assertThat(hanging).hasSize(2);
	}

	@Test
	void lookDoesNotWaitForALevelThatIsBeingSet() throws Exception {
		CountDownLatch setting = new CountDownLatch(1);
		CountDownLatch release = new CountDownLatch(1);
		LoggerLevels levels = new LoggerLevels(this.directory, (name, level) -> {
			setting.countDown();
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		levels.start(this.watch);
		AtomicInteger looks = new AtomicInteger();
		this.watch.add(() -> looks.incrementAndGet() > 0);
		FutureTask<Void> set = new FutureTask<>(() -> {
			levels.set("com.example", LogLevel.DEBUG);
			return null;
		});
		Thread.ofPlatform().start(set);
		setting.await();
		int before = looks.get();
		await().until(() -> looks.get() > before + 1);
		release.countDown();
		set.get();
		levels.close();
	}

	@Test
	void fileIsTheOwnersAlone() throws IOException {
		this.one.shared.set("com.example", LogLevel.DEBUG);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.directory.resolve("loggers"))))
			.isEqualTo("rw-------");
		try (var files = Files.list(this.directory)) {
			assertThat(files.map((file) -> file.getFileName().toString())).containsOnly("loggers", "loggers.lock");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "\0\0\0", "1 DEBUG", "x DEBUG com.example", "1 LOUD com.example",
			"-1 DEBUG com.example", "1 DEBUG  ", "1 DEBUG com.\u0007example" })
	void garbageIsSkippedAndSettingGoesOn(String garbage) throws IOException {
		Files.writeString(this.directory.resolve("loggers"), garbage + "\n7 INFO com.known\n" + garbage);
		this.one.shared.refresh();
		assertThat(this.one.calls).containsExactly("com.known=INFO");
		this.one.shared.set("com.example", LogLevel.DEBUG);
		this.other.shared.refresh();
		assertThat(this.other.calls).containsExactly("com.known=INFO", "com.example=DEBUG");
	}

	@Test
	void withoutTheDirectoryTheCallerLearnsThatTheOthersAreNotTold() throws IOException {
		Node node = new Node(this.directory.resolve("gone"));
		assertThatIOException().isThrownBy(() -> node.shared.set("com.example", LogLevel.DEBUG));
		assertThat(node.calls).containsExactly("com.example=DEBUG");
	}

	@Test
	void numberOfLoggersIsLimited() throws IOException {
		StringBuilder many = new StringBuilder();
		for (int i = 1; i <= 1000; i++) {
			many.append(i).append(" INFO com.example.").append(i).append('\n');
		}
		Files.writeString(this.directory.resolve("loggers"), many);
		this.one.shared.set("com.last", LogLevel.DEBUG);
		this.other.shared.refresh();
		assertThat(this.other.levels).hasSize(1000).containsEntry("com.last", LogLevel.DEBUG);
		assertThat(this.other.levels).doesNotContainKey("com.example.1");
	}

}
