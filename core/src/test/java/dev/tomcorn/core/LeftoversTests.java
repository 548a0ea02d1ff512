package dev.tomcorn.core;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.tomcorn.core.process.LockFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link Leftovers}: which files of killed processes are removed.
 */
class LeftoversTests {

	@TempDir
	private Path directory;

	private Path tomcat(String number) throws IOException {
		Path base = Files.createDirectory(this.directory.resolve("tomcat.8080." + number),
				PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
		Files.createDirectory(documentRoot(base));
		Path work = Files.createDirectories(base.resolve("work/Tomcat/localhost/ROOT"));
		Files.writeString(work.resolve("upload_1.tmp"), "part of an upload");
		return base;
	}

	private static Path documentRoot(Path base) {
		return base.resolveSibling(base.getFileName().toString().replace("tomcat.", "tomcat-docbase."));
	}

	private Path fleet() throws IOException {
		Path run = RunDirectory.create(this.directory);
		Files.writeString(run.resolve("prometheus2-1"), "meters");
		Files.createSymbolicLink(run.resolve("scoreboard"), Path.of("/proc/999999999/fd/7"));
		return run;
	}

	private void sweep() {
		Leftovers.removeOwnDirectories(this.directory, Path.of("/dev/shm/tomcorn-own"));
		Leftovers.removeTomcatDirectories(this.directory);
	}

	/**
	 * Create the files of a process that has ended.
	 */
	private static void end(Path... directories) throws IOException {
		for (Path ended : directories) {
			LockFile.create(ended, documentRoot(ended).getFileName().toString()).close();
		}
	}

	private List<String> left() throws IOException {
		try (Stream<Path> files = Files.list(this.directory)) {
			return files.map((file) -> file.getFileName().toString()).sorted().toList();
		}
	}

	@Test
	void whatBelongsToAProcessThatIsKilledIsRemovedOnceItIs() throws Exception {
		Path run = fleet();
		Path base = tomcat("1");
		// Its arbiter has ended, and a worker goes on
		end(run);
		ProcessBuilder builder = ChildJvm.builder(Holder.class);
		builder.environment().putAll(Map.of("RUN", run.toString(), "BASE", base.toString()));
		Process process = builder.start();
		try {
			assertThat(process.inputReader().readLine()).isEqualTo("held");
			sweep();
			assertThat(run.resolve("prometheus2-1")).exists();
			assertThat(base.resolve("work/Tomcat/localhost/ROOT/upload_1.tmp")).exists();
			assertThat(documentRoot(base)).exists();
		}
		finally {
			ChildJvm.end(process);
			process.waitFor();
		}
		sweep();
		assertThat(left()).isEmpty();
	}

	/**
	 * Locks the files of a worker and waits to be killed.
	 */
	static final class Holder {

		private static final List<LockFile> held = new ArrayList<>();

		private Holder() {
		}

		public static void main(String[] arguments) throws Exception {
			held.add(LockFile.share(Path.of(System.getenv("RUN"))));
			Path base = Path.of(System.getenv("BASE"));
			held.add(LockFile.create(base, documentRoot(base).getFileName().toString()));
			System.out.println("held");
			Thread.sleep(Long.MAX_VALUE);
		}

	}

	@Test
	void whereWorkersHadTheirStacksWrittenIsRemoved() throws IOException {
		Path stacks = Files.createTempDirectory(this.directory, "tomcorn-stacks");
		Files.writeString(stacks.resolve("stacks.json"), "{");
		LockFile.create(stacks).close();
		try (LeftoverRemoval removal = new LeftoverRemoval(Set.of(), this.directory.resolve("tomcorn-own"),
				this.directory, (level, message) -> {
				})) {
			removal.request();
			await().atMost(Duration.ofSeconds(30)).until(() -> Files.notExists(stacks));
		}
	}

	@Test
	void whatAnApplicationHasWrittenItselfStays() throws IOException {
		Path base = tomcat("1");
		Path log = Files.writeString(Files.createDirectory(base.resolve("logs")).resolve("access_log.log"), "GET /");
		Path upload = Files.writeString(documentRoot(base).resolve("upload"), "mine");
		end(base);
		sweep();
		assertThat(log).exists();
		assertThat(upload).exists();
		assertThat(base).isDirectoryNotContaining("glob:**/{work,tomcorn*}");
	}

	@Test
	void whatHasNoSuchFileStays() throws IOException {
		fleet();
		tomcat("1");
		Files.createFile(Files.createDirectory(this.directory.resolve("tomcorn-incidents-me")).resolve("incident.txt"));
		List<String> before = left();
		sweep();
		assertThat(left()).isEqualTo(before);
	}

	@Test
	void nothingIsRemovedThroughALink() throws IOException {
		Path elsewhere = Files.createDirectory(this.directory.resolve("elsewhere"));
		Path kept = Files.createFile(elsewhere.resolve("kept"));
		end(elsewhere);
		Files.createSymbolicLink(this.directory.resolve("tomcorn-1"), elsewhere);
		Files.createSymbolicLink(this.directory.resolve("tomcat.8080.1"), elsewhere);
		Path base = Files.createDirectory(this.directory.resolve("tomcat.8080.2"));
		Files.createSymbolicLink(base.resolve("work"), elsewhere);
		end(base);
		Path run = fleet();
		Files.createSymbolicLink(run.resolve("link"), elsewhere);
		end(run);
		Path linked = fleet();
		Files.createSymbolicLink(linked.resolve(LockFile.NAME), elsewhere.resolve(LockFile.NAME));
		Path climbing = Files.createDirectory(this.directory.resolve("tomcat.8080.3"));
		LockFile.create(climbing, "tomcat-docbase./../elsewhere", "elsewhere").close();
		sweep();
		assertThat(kept).exists();
		assertThat(elsewhere.resolve(LockFile.NAME)).exists();
		assertThat(base).doesNotExist();
		assertThat(run).doesNotExist();
		assertThat(climbing).doesNotExist();
		assertThat(linked.resolve("prometheus2-1")).exists();
	}

	@Test
	void whatBelongsToAnotherUserStays() throws IOException {
		assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0));
		Path run = fleet();
		Path base = tomcat("1");
		end(run, base);
		for (Path other : List.of(run, base)) {
			Files.setAttribute(other, "unix:uid", 4711);
		}
		List<String> before = left();
		sweep();
		assertThat(left()).isEqualTo(before);
		assertThat(run.resolve("prometheus2-1")).exists();
	}

	@Test
	void ownDirectoryStays() throws IOException {
		Path run = fleet();
		end(run);
		Leftovers.removeOwnDirectories(this.directory, run);
		assertThat(run.resolve("prometheus2-1")).exists();
	}

	@Test
	void arbiterRemovesItWhenItBeginsAfterADeathAndAtItsEnd() throws IOException {
		Path first = fleet();
		end(first);
		Path second = tomcat("1");
		Path third = tomcat("2");
		try (LeftoverRemoval removal = new LeftoverRemoval(Set.of(this.directory), Path.of("/dev/shm/tomcorn-own"),
				this.directory, (level, message) -> {
				})) {
			await().until(() -> Files.notExists(first));
			end(second);
			removal.request();
			await().until(() -> Files.notExists(second));
			end(third);
		}
		await().until(() -> Files.notExists(third));
	}

}
