package dev.tomcorn.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A running PostgreSQL server with an empty database, on a port of this machine only.
 */
final class PostgresServer implements AutoCloseable {

	private static final Path PROGRAMS = Path.of("/usr/lib/postgresql");

	private static final String USER = "postgres";

	private final Process process;

	private final Path data;

	private final int port;

	private PostgresServer(Process process, Path data, int port) {
		this.process = process;
		this.data = data;
		this.port = port;
	}

	/**
	 * Return the directory of the programs of the newest version that Debian has
	 * installed.
	 */
	static Optional<Path> programs() {
		if (!Files.isDirectory(PROGRAMS)) {
			return Optional.empty();
		}
		try (Stream<Path> versions = Files.list(PROGRAMS)) {
			return versions.map((version) -> version.resolve("bin"))
				.filter((bin) -> Files.isExecutable(bin.resolve("initdb")) && Files.isExecutable(bin.resolve(USER)))
				.max(Comparator.naturalOrder());
		}
		catch (IOException ex) {
			return Optional.empty();
		}
	}

	static PostgresServer start(Path programs, Path log) throws IOException, InterruptedException {
		Path data = Files.createTempDirectory("tomcorn-postgresql-");
		if (isRoot()) {
			run(log, List.of("chown", USER, data.toString()));
		}
		run(log, asUser(programs.resolve("initdb").toString(), "-D", data.toString(), "-U", USER, "-A", "trust",
				"--no-sync"));
		int port = freePort();
		Process process = start(log, asUser(programs.resolve(USER).toString(), "-D", data.toString(), "-p",
				Integer.toString(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="));
		PostgresServer server = new PostgresServer(process, data, port);
		await("PostgreSQL").atMost(DemoProcess.PATIENCE).until(() -> {
			assertThat(process.isAlive()).as("PostgreSQL: %s", Files.readString(log)).isTrue();
			return Files.readString(log).contains("ready to accept connections");
		});
		return server;
	}

	/**
	 * The server refuses to run as root.
	 */
	private static List<String> asUser(String... command) {
		List<String> all = new ArrayList<>();
		if (isRoot()) {
			all.addAll(List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "--"));
		}
		all.addAll(List.of(command));
		return all;
	}

	private static boolean isRoot() {
		return "root".equals(System.getProperty("user.name"));
	}

	private static void run(Path log, List<String> command) throws IOException, InterruptedException {
		Process process = start(log, command);
		assertThat(process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("%s has ended", command)
			.isTrue();
		assertThat(process.exitValue()).as("%s: %s", command, Files.readString(log)).isZero();
	}

	private static Process start(Path log, List<String> command) throws IOException {
		ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
		builder.environment().put("LC_ALL", "C.UTF-8");
		return builder.start();
	}

	private static int freePort() throws IOException {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
			return socket.getLocalPort();
		}
	}

	/**
	 * Return the values of the placeholders in the description of an application.
	 */
	Map<String, String> placeholders() {
		return Map.of("postgresql.url", "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(this.port),
				"postgresql.user", USER);
	}

	@Override
	public void close() {
		// INT also ends the connections of clients
		Processes.signalUnlessGone("INT", this.process.pid());
		try {
			if (!this.process.waitFor(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
			MavenBuild.deleteTree(this.data);
		}
		catch (IOException ex) {
			Figures.print("%s is left: %s", this.data, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
