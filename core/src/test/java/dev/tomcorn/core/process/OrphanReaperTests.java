package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.tomcorn.core.foreign.CFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link OrphanReaper}, isolated because this JVM inherits orphans meanwhile,
 * as process 1 of a container does, and because the children of all tests are its own.
 */
@EnabledOnOs(OS.LINUX)
@Isolated("Inherits the orphans of every process below this JVM")
class OrphanReaperTests {

	private static final int PR_SET_CHILD_SUBREAPER = 36;

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	/**
	 * Its child starts another one, writes its number to a file and ends before it.
	 */
	private static final String DOUBLE_FORK = "(while [ ! -e \"$0.go\" ]; do sleep 0.05; done) & echo $! > \"$0\"";

	private final OrphanReaper reaper = new OrphanReaper(ProcessHandle.current().pid());

	@TempDir
	Path directory;

	@BeforeEach
	void inheritOrphans() {
		setInheritsOrphans(1);
	}

	@AfterEach
	void inheritNoOrphans() {
		setInheritsOrphans(0);
	}

	private static void setInheritsOrphans(long value) {
		CFunction prctl = CFunction.of("prctl", int.class, int.class, long.class, long.class, long.class, long.class);
		assertThat(prctl.call(PR_SET_CHILD_SUBREAPER, value, 0, 0, 0)).isZero();
	}

	@Test
	void orphanOfAChildThatHasForkedTwiceIsCollected() throws Exception {
		Path file = this.directory.resolve("orphan");
		ChildProcess child = ChildProcess.start(ProcessWords.of(List.of("sh", "-c", DOUBLE_FORK, file.toString())),
				new ChildEnvironment(), null);
		assertThat(child.waitFor()).isZero();
		long orphan = Long.parseLong(Files.readString(file).strip());
		this.reaper.scan();
		this.reaper.scan();
		assertThat(state(orphan)).as("one that runs").isNotEqualTo('Z');
		Files.createFile(Path.of(file + ".go"));
		await("end").atMost(PATIENCE).until(() -> state(orphan) == 'Z');
		this.reaper.scan();
		assertThat(state(orphan)).as("at the first look").isEqualTo('Z');
		this.reaper.scan();
		assertThat(Path.of("/proc/" + orphan)).doesNotExist();
	}

	@Test
	void exitCodesOfWhatThisJvmHasStartedAreNotTaken() throws Exception {
		ChildProcess child = ChildProcess.start(ProcessWords.of(List.of("sh", "-c", "exec sleep 600")),
				new ChildEnvironment(), null);
		Process process = new ProcessBuilder("sh", "-c", "exec sleep 600").start();
		try {
			assertThat(OrphanReaper.isWaitedFor((int) child.pid())).isTrue();
			// The JDK's thread may be about to begin
			await("the JDK").atMost(PATIENCE).until(() -> OrphanReaper.isWaitedFor((int) process.pid()));
		}
		finally {
			child.destroy();
			process.destroy();
		}
		await("both ends").atMost(PATIENCE).until(() -> {
			this.reaper.scan();
			return !child.isAlive() && !process.isAlive();
		});
		assertThat(child.exitValue()).isEqualTo(128 + 15);
		assertThat(process.exitValue()).isEqualTo(128 + 15);
		await("nobody waits").atMost(PATIENCE).until(() -> !OrphanReaper.isWaitedFor((int) child.pid()));
	}

	/**
	 * Return the letter of its state, {@code -} if it no longer exists.
	 */
	private static char state(long pid) {
		try {
			String stat = Files.readString(Path.of("/proc/%d/stat".formatted(pid)));
			return stat.charAt(stat.lastIndexOf(')') + 2);
		}
		catch (IOException ex) {
			return '-';
		}
	}

}
