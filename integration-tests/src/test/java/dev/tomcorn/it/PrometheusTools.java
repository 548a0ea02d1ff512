package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Prometheus and its checking tool as Debian packages them. Servers are ended after the
 * class; their output is kept and, when a test fails, shown. Without the package the
 * tests that need it are skipped, unless the property {@code prometheus.required} is set.
 */
final class PrometheusTools implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

	private static final Path SERVER = Path.of("/usr/bin/prometheus");

	private static final Path TOOL = Path.of("/usr/bin/promtool");

	private static final boolean INSTALLED = Files.isExecutable(SERVER) && Files.isExecutable(TOOL);

	private static final String MISSING = "Monitoring tests are skipped: %s or %s is missing. Install Debian's package prometheus"
		.formatted(SERVER, TOOL);

	private @Nullable PrometheusServer server;

	private String name = "";

	@Override
	public void beforeAll(ExtensionContext context) {
		this.name = context.getRequiredTestClass().getSimpleName();
		if (!INSTALLED) {
			Figures.print("%s", MISSING);
		}
	}

	/**
	 * Return whether the tools exist, or are required.
	 */
	boolean installed() {
		return INSTALLED || Boolean.getBoolean("prometheus.required");
	}

	/**
	 * Skip the test if the tools are missing.
	 */
	void assumeInstalled() {
		Assumptions.assumeTrue(installed(), MISSING);
	}

	/**
	 * Start a server that scrapes an application every two seconds.
	 * @param port the application's port
	 * @param rules the rules to evaluate, once a second
	 * @param directory the directory for the server's data
	 */
	PrometheusServer start(int port, Path rules, Path directory) {
		try {
			Path log = Files.createTempFile(Files.createDirectories(Launch.LOGS), this.name + "-prometheus-", ".log");
			PrometheusServer started = PrometheusServer.start(SERVER, port, rules, directory, log);
			this.server = started;
			started.awaitReady();
			return started;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Run the checking tool, which must find no error.
	 * @return its output
	 */
	static String check(String... arguments) {
		List<String> command = new ArrayList<>(List.of(TOOL.toString()));
		command.addAll(Stream.of(arguments).toList());
		try {
			Process tool = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(tool.waitFor()).as(output).isZero();
			return output;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the server that was started.
	 */
	PrometheusServer server() {
		return Objects.requireNonNull(this.server);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		PrometheusServer running = this.server;
		if (running != null && context.getExecutionException().isPresent()) {
			Figures.print("failed: %s, output of Prometheus: %s", context.getDisplayName(), running.tail());
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		if (this.server != null) {
			this.server.end();
		}
	}

}
