package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.release.AotCache.State;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link AotCache}.
 */
class AotCacheTests {

	@TempDir
	private Path directory;

	private AotCache cache;

	@BeforeEach
	void setUp() throws IOException {
		Files.createDirectory(this.directory.resolve("caches"));
		this.cache = new AotCache(
				new KeptRelease(new ApplicationRelease("a".repeat(64), "app.jar", 1), "app", this.directory), "key",
				List.of("-XX:ArchiveRelocationMode=0"));
	}

	@Test
	void oneWorkerAtATimeRecords() {
		assertThat(this.cache.options(1, true)).isEmpty();
		this.cache.state(State.MISSING);
		assertThat(this.cache.options(1, false)).isEmpty();
		assertThat(this.cache.options(2, true)).contains("-XX:AOTMode=record",
				"-XX:AOTConfiguration=" + this.directory.resolve("caches/key.conf"));
		assertThat(this.cache.options(3, true)).isEmpty();
		assertThat(this.cache.isTrainer(2)).isTrue();
		assertThat(this.cache.isTrainer(3)).isFalse();
	}

	@Test
	void recordingIsTriedThreeTimes() {
		for (long age = 1; age <= 3; age++) {
			this.cache.state(State.MISSING);
			assertThat(this.cache.options(age, true)).isNotEmpty();
			this.cache.trained(State.MISSING);
		}
		assertThat(this.cache.options(4, true)).isEmpty();
		assertThat(this.cache.mayTryAgain()).isFalse();
	}

	@Test
	void cacheIsUsedUntilAWorkerThatHadItHasNotBooted() {
		this.cache.state(State.THERE);
		assertThat(this.cache.options(1, true)).isEqualTo(
				List.of("-XX:AOTCache=" + this.directory.resolve("caches/key.aot"), "-XX:ArchiveRelocationMode=0"));
		assertThat(this.cache.doubt()).isTrue();
		assertThat(this.cache.options(2, true)).isEmpty();
		assertThat(this.cache.doubt()).isFalse();
	}

	@Test
	void addressOfTheCacheIsTheUsersChoice() {
		assertThat(AotCaches.mapping(List.of("-Xmx100m"))).hasSize(2).last().isEqualTo("-XX:ArchiveRelocationMode=0");
		assertThat(AotCaches.mapping(List.of("-Xmx100m", "-XX:ArchiveRelocationMode=1"))).isEmpty();
	}

	@Test
	void cacheWithWhichAWorkerHasBootedIsNotDoubted() {
		this.cache.state(State.THERE);
		this.cache.trust();
		assertThat(this.cache.doubt()).isFalse();
		assertThat(this.cache.options(2, true)).isNotEmpty();
	}

	@Test
	void anotherCacheIsDoubtedThoughOneBeforeWasNot() {
		this.cache.state(State.THERE);
		this.cache.trust();
		this.cache.state(State.UNKNOWN);
		this.cache.found();
		assertThat(this.cache.doubt()).isTrue();
	}

	@Test
	void emptyRecordingIsNone() throws IOException {
		assertThat(this.cache.isRecorded()).isFalse();
		Files.createFile(this.cache.configuration());
		assertThat(this.cache.isRecorded()).isFalse();
		Files.writeString(this.cache.configuration(), "x");
		assertThat(this.cache.isRecorded()).isTrue();
		this.cache.removeRecording();
		assertThat(this.cache.isRecorded()).isFalse();
	}

}
