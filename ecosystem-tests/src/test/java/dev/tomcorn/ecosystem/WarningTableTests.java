package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.tomcorn.warnings.FleetWarnings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every row of the table of warnings applies to its example, and to no other application.
 */
class WarningTableTests {

	private static Stream<WarningExample> examples() {
		return Stream
			.of(StateWarningsTests.examples(), files(), LogWarningsTests.examples(), DatabaseWarningsTests.examples(),
					BroadcastWarningsTests.examples(), SecurityWarningsTests.examples(),
					RegistryWarningsTests.examples(), BackgroundWarningsTests.examples())
			.flatMap(Function.identity());
	}

	private static Stream<WarningExample> files() {
		ApplicationContextRunner runner = new ApplicationContextRunner();
		return Stream.of(
				WarningExample.of(
						runner.withBean(ApplicationPidFileWriter.class, () -> new ApplicationPidFileWriter("unused")),
						runner, "pid-file"),
				WarningExample.of(runner.withBean(WebServerPortFileWriter.class, WebServerPortFileWriter::new), runner,
						"port-file"),
				WarningExample.of(runner.withBean(ServerSocket.class, WarningTableTests::openFixed),
						runner.withBean(ServerSocket.class, () -> open(0)), "ports"));
	}

	/**
	 * Open a port that the kernel does not choose by itself.
	 */
	private static ServerSocket openFixed() {
		return IntStream.range(20_000, 30_000)
			.mapToObj(WarningTableTests::open)
			.filter(ServerSocket::isBound)
			.findFirst()
			.orElseThrow();
	}

	private static ServerSocket open(int port) {
		try {
			return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			// Another process uses it
			return unbound();
		}
	}

	private static ServerSocket unbound() {
		try {
			return new ServerSocket();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Test
	void everyRowHasAnExample() {
		assertThat(examples().flatMap((example) -> example.names().stream()))
			.containsExactlyInAnyOrderElementsOf(FleetWarnings.names());
	}

	@ParameterizedTest(name = "{0}")
	@MethodSource("examples")
	void rowSpeaksWhenItShouldAndOnlyThen(WarningExample example) throws Exception {
		Set<String> expected = new TreeSet<>(example.silent().warnings().keySet());
		assertThat(expected).as("not for it: %s", example.silent().warnings())
			.doesNotContainAnyElementsOf(example.names());
		expected.addAll(example.names());
		Map<String, String> told = example.told().warnings();
		assertThat(told).containsOnlyKeys(expected);
		assertThat(example.names().stream().map(told::get))
			.allSatisfy((text) -> assertThat(example.text()).allMatch(text::contains));
	}

}
