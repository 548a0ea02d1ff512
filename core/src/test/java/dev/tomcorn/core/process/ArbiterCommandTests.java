package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import dev.tomcorn.core.ChildJvm;

import static org.assertj.core.api.Assertions.assertThat;

@EnabledOnOs(OS.LINUX)
@Execution(ExecutionMode.CONCURRENT)
class ArbiterCommandTests {

	private static final List<String> ODD = List.of("", " ", "a b", "\"quoted\"", "'", "*", "$HOME", "\\",
			"line\nbreak", "@file", "--x=", "");

	@Test
	void commandLineIsTheOneThatStartedTheProcessWordForWord() throws Exception {
		List<String> command = command();
		Process process = ChildJvm.builder(Echo.class).command(command).start();
		assertThat(process.inputReader().lines().toList()).containsExactlyElementsOf(shown(command));
		assertThat(process.waitFor()).isZero();
	}

	@Test
	void successorIsStartedWithTheSameWordsAndLearnsWhomItReplaces() throws Exception {
		Process process = ChildJvm.builder(Replaced.class)
			.command(new ArrayList<>(ChildJvm.command(Replaced.class)))
			.start();
		assertThat(process.inputReader().lines().toList())
			.containsExactly("Predecessor[pid=" + process.pid() + ", runDirectory=/run, 1, token=] 0,1");
		assertThat(process.waitFor()).isZero();
	}

	private static List<String> command() {
		List<String> command = new ArrayList<>(ChildJvm.command(Echo.class));
		// The launcher reads argument files only before the main class
		command.addAll(ODD);
		return command;
	}

	private static List<String> shown(List<String> words) {
		return words.stream().map((word) -> word.replace("\n", "\\n")).toList();
	}

	/**
	 * Prints its command line.
	 */
	static final class Echo {

		private Echo() {
		}

		public static void main(String[] arguments) throws Exception {
			shown(ArbiterCommand.ofThisProcess().words()).forEach(System.out::println);
		}

	}

	/**
	 * Starts its successor, which prints its predecessor.
	 */
	static final class Replaced {

		private Replaced() {
		}

		public static void main(String[] arguments) throws Exception {
			long parent = ProcessHandle.current().parent().orElseThrow().pid();
			Predecessor predecessor = Predecessor.fromEnvironment(System.getenv(), parent);
			if (predecessor != null) {
				System.out.println(predecessor + " " + System.getenv("TOMCORN_NUMBERS"));
				return;
			}
			Predecessor self = new Predecessor(ProcessHandle.current().pid(), Path.of("/run, 1"));
			System.exit(ArbiterCommand.ofThisProcess()
				.launch(self, List.of(1, 0), StartDirectory.ofThisProcess(Map.of(), null))
				.waitFor());
		}

	}

}
