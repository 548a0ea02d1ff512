package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * nginx and HAProxy as Debian packages them. They are ended after the class; their output
 * is kept and, when a test fails, shown. Without the packages the tests that need them
 * are skipped, unless the property {@code proxies.required} is set.
 */
final class ReverseProxies implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

	private static final boolean INSTALLED = Files.isExecutable(ReverseProxy.NGINX)
			&& Files.isExecutable(ReverseProxy.HAPROXY);

	private static final String MISSING = "Tests of reverse proxies are skipped: %s or %s is missing. Install Debian's packages nginx and haproxy"
		.formatted(ReverseProxy.NGINX, ReverseProxy.HAPROXY);

	private final List<ReverseProxy> started = new ArrayList<>();

	private String name = "";

	@Override
	public void beforeAll(ExtensionContext context) {
		this.name = context.getRequiredTestClass().getSimpleName();
		if (!INSTALLED) {
			Figures.print("%s", MISSING);
		}
	}

	/**
	 * Return whether the programs exist, or are required.
	 */
	boolean installed() {
		return INSTALLED || Boolean.getBoolean("proxies.required");
	}

	/**
	 * Skip the test if the programs are missing.
	 */
	void assumeInstalled() {
		Assumptions.assumeTrue(installed(), MISSING);
	}

	/**
	 * Start both.
	 * @param application where the application listens, in the form of
	 * {@code tomcorn.bind}
	 * @param managementPort its management port
	 * @param directory for their files
	 */
	List<ReverseProxy> start(String application, int managementPort, Path directory) {
		try {
			return List.of(
					keep(ReverseProxy.nginx(application, Files.createTempDirectory(directory, "nginx"), log("nginx"))),
					keep(ReverseProxy.haproxy(application, managementPort,
							Files.createTempDirectory(directory, "haproxy"), log("haproxy"))));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path log(String program) throws IOException {
		return Files.createTempFile(Files.createDirectories(Launch.LOGS), "%s-%s-".formatted(this.name, program),
				".log");
	}

	private ReverseProxy keep(ReverseProxy proxy) {
		this.started.add(proxy);
		return proxy;
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (context.getExecutionException().isPresent()) {
			this.started.forEach((proxy) -> Figures.print("failed: %s, output of %s: %s", context.getDisplayName(),
					proxy.name(), proxy.tail()));
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		this.started.forEach(ReverseProxy::end);
	}

}
