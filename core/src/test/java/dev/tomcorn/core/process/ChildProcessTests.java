package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Tests for {@link ChildProcess}. The children read nothing and write only to files,
 * because the standard streams of this JVM belong to Surefire.
 */
@EnabledOnOs(OS.LINUX)
@Execution(ExecutionMode.CONCURRENT)
class ChildProcessTests {

	private static final String FOREVER = "exec sleep 600";

	/**
	 * Writes the state of a started program, its descriptors last. The shell has another
	 * one for the file, and the listing has one for the directory.
	 */
	private static final String SITUATION = """
			exec > "$0"
			pwd; umask; ulimit -a; env | grep -v ^_= | sort
			grep -E '^(Sig(Blk|Ign)|Seccomp|NoNewPrivs|Cpus_allowed_list):' /proc/self/status
			cut -d' ' -f5-8,18,19 /proc/self/stat
			for argument; do echo "<$argument>"; done
			for number in /proc/self/fd/*; do echo "$number"; done
			""";

	private static ChildProcess shell(String... arguments) throws IOException {
		return start(command(arguments), new ChildEnvironment());
	}

	private static ChildProcess start(List<String> words, ChildEnvironment environment) throws IOException {
		return ChildProcess.start(ProcessWords.of(words), environment, null);
	}

	private static List<String> command(String... arguments) {
		return Stream.concat(Stream.of("sh", "-c"), Stream.of(arguments)).toList();
	}

	@Test
	void exitCodeIsThatOfTheProgram() throws Exception {
		ChildProcess process = shell("exit 7");
		assertThat(process.waitFor()).isEqualTo(7);
		assertThat(process.exitValue()).isEqualTo(7);
		assertThat(process.isAlive()).isFalse();
		assertThat(process.onExit().get()).isSameAs(process);
		assertThat(ProcessHandle.of(process.pid())).as("it is no zombie").isEmpty();
	}

	@Test
	void processRunsUntilASignalEndsIt() throws Exception {
		ChildProcess process = shell(FOREVER);
		assertThat(process.isAlive()).isTrue();
		assertThatExceptionOfType(IllegalThreadStateException.class).isThrownBy(process::exitValue);
		process.destroy();
		assertThat(process.waitFor()).isEqualTo(128 + 15);
		process.destroy();
		assertThat(shell(FOREVER).destroyForcibly().waitFor()).isEqualTo(128 + 9);
	}

	@Test
	void givingUpAWaitIsNoExit() throws Exception {
		ChildProcess process = shell(FOREVER);
		process.onExit().orTimeout(1, TimeUnit.NANOSECONDS).exceptionally((ex) -> process).get();
		CompletableFuture<Process> exit = process.onExit();
		assertThat(exit).isNotDone();
		assertThat(process.toHandle().onExit()).isNotDone();
		process.destroyForcibly();
		exit.get();
	}

	@Test
	void programStartsInTheSituationThatJavaGivesToOne(@TempDir Path directory) throws Exception {
		Path expected = directory.resolve("expected");
		Path actual = directory.resolve("actual");
		Map<String, String> changes = Map.of("PLACE", "here = there", "PATH", System.getenv("PATH"));
		ChildEnvironment environment = new ChildEnvironment();
		environment.putAll(changes);
		environment.remove("HOME");
		try (ServerSocketChannel _ = ServerSocketChannel.open()) {
			ProcessBuilder builder = new ProcessBuilder(command(SITUATION, expected.toString(), "", "größer *", "\""))
				.inheritIO();
			builder.environment().putAll(changes);
			builder.environment().remove("HOME");
			Process process = builder.start();
			ChildProcess child = start(command(SITUATION, actual.toString(), "", "größer *", "\""), environment);
			assertThat(child.waitFor()).isZero();
			assertThat(process.waitFor()).as("it is left to its owner").isZero();
		}
		assertThat(actual).hasSameTextualContentAs(expected);
		assertThat(Files.readString(actual)).contains("PLACE=here = there").contains("SigBlk:\t0000000000000000");
	}

	@Test
	void programThatCannotBeStartedIsNamed(@TempDir Path directory) {
		assertThatIOException().isThrownBy(() -> start(List.of("/nowhere/java", "-version"), new ChildEnvironment()))
			.withMessage("Cannot run program \"/nowhere/java\": error=2, No such file or directory");
		assertThatIOException().isThrownBy(() -> start(List.of(directory.toString()), new ChildEnvironment()))
			.withMessageEndingWith("error=13, Permission denied");
	}

	@Test
	void programStartsInADirectoryByItsNameAndHasTheFilesOfItsWordsOnly(@TempDir Path directory) throws Exception {
		Path release = Files.createDirectory(directory.resolve("release"));
		Path link = Files.createSymbolicLink(directory.resolve("current"), release);
		Path shown = directory.resolve("shown");
		ProcessWords words = new ProcessWords(
				List.of(new ProcessWords.Part.Word("sh"), new ProcessWords.Part.Word("-c"),
						new ProcessWords.Part.Word("{ pwd -P; cat ${1#@} ${2#@}; ls /proc/self/fd; } > \"$0\""),
						new ProcessWords.Part.Word(shown.toString()), new ProcessWords.Part.InFile("one\n"),
						new ProcessWords.Part.InFile("two\n")));
		assertThat(ChildProcess.start(words, new ChildEnvironment(), link).waitFor()).isZero();
		List<String> lines = Files.readAllLines(shown);
		assertThat(lines).startsWith(release.toRealPath().toString(), "one", "two");
		// Streams, two files, and the listed directory
		assertThat(lines).hasSize(3 + 3 + 2 + 1);
		Files.delete(link);
		Files.createSymbolicLink(link, directory);
		assertThat(ChildProcess.start(words, new ChildEnvironment(), link).waitFor()).isZero();
		assertThat(Files.readAllLines(shown)).startsWith(directory.toRealPath().toString());
		assertThat(descriptors()).as("files of words that this process has open").noneMatch("arguments"::equals);
	}

	private static List<String> descriptors() throws IOException {
		List<String> names = new ArrayList<>();
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
			for (Path descriptor : descriptors) {
				try {
					names.add(Files.readSymbolicLink(descriptor).toString().replaceAll("/memfd:(\\w+).*", "$1"));
				}
				catch (NoSuchFileException ex) {
					// The descriptor of the listing
				}
			}
		}
		return names;
	}

}
