package dev.tomcorn.it;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What tests run inside a container, whose image has neither a shell nor {@code ps}.
 */
final class ContainerProgram {

	private static final PrintStream OUT = System.out;

	private ContainerProgram() {
	}

	public static void main(String... arguments) throws IOException {
		switch (arguments[0]) {
			case "processes" -> processes();
			case "surroundings" -> surroundings();
			default -> throw new IllegalArgumentException(arguments[0]);
		}
	}

	/**
	 * Print process id, parent and state of every process, zombies included.
	 */
	private static void processes() {
		ProcessHandle.allProcesses().map((process) -> Processes.row(process.pid())).forEach((row) -> {
			if (row != null) {
				OUT.printf("%d %d %s%n", row.pid(), row.parent(), row.state());
			}
		});
	}

	private static void surroundings() throws IOException {
		OUT.printf("user %s%n", System.getProperty("user.name"));
		OUT.printf("root read-only %s%n", Files.getFileStore(Path.of("/")).isReadOnly());
		try (Stream<Path> files = Files.list(Path.of("/dev/shm"))) {
			files.forEach((file) -> OUT.printf("shared memory %s%n", file.getFileName()));
		}
	}

}
