package dev.tomcorn.autoconfigure;

import java.util.Arrays;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.support.ServletContextApplicationContextInitializer;
import org.springframework.core.NativeDetector;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;

/**
 * What a JVM that is no worker becomes.
 */
enum LaunchMode {

	/** The application runs in this JVM. */
	SOLO,

	/** This JVM supervises workers that run the application. */
	ARBITER;

	private static final Log logger = LogFactory.getLog(LaunchMode.class);

	private static final String TOMCAT = "org.apache.catalina.startup.Tomcat";

	private static final String RESTART_CLASS_LOADER = "org.springframework.boot.devtools.restart.classloader.RestartClassLoader";

	private static final List<String> TEST_FRAMES = List.of("org.junit.platform.", "org.springframework.boot.test.",
			"cucumber.runtime.");

	/**
	 * Decide.
	 * @throws InvalidSettingException if a property has a value it must not have
	 * @throws SupervisionUnavailableException if supervision was asked for and cannot be
	 * had
	 */
	static LaunchMode of(Launch launch) {
		if (launch.mustNotSupervise()) {
			return SOLO;
		}
		TomcornSettings settings = TomcornSettings.of(launch.environment());
		Boolean enabled = settings.arbiterEnabled();
		boolean wanted = (enabled != null) ? enabled : settings.workers() > 1;
		if (!wanted) {
			if (settings.workers() > 1) {
				logger.warn("Running in one process: tomcorn.arbiter.enabled is false, so that tomcorn.workers ("
						+ settings.workers() + ") has no effect");
			}
			return SOLO;
		}
		String obstacle = launch.obstacle();
		if (obstacle != null) {
			if (enabled != null) {
				throw new SupervisionUnavailableException("tomcorn.arbiter.enabled is true, but " + obstacle + ".",
						"Remove tomcorn.arbiter.enabled to run in one process here and in worker processes where that "
								+ "is possible.");
			}
			logger.warn("Running in one process instead of %d workers: %s".formatted(settings.workers(), obstacle));
			return SOLO;
		}
		return ARBITER;
	}

	/**
	 * Return whether this JVM can heed signals as an arbiter and its workers do.
	 */
	static boolean hasSignals() {
		return System.getProperty("os.name").equals("Linux") && !NativeDetector.inNativeImage()
				&& ModuleLayer.boot().findModule("jdk.unsupported").isPresent();
	}

	/**
	 * What an application is about to be run with.
	 */
	record Launch(SpringApplication application, ConfigurableEnvironment environment) {

		/**
		 * {@code spring.main.*} is bound to the application only after the environment is
		 * prepared.
		 */
		boolean isServletApplication() {
			WebApplicationType type = Binder.get(this.environment)
				.bind("spring.main.web-application-type", WebApplicationType.class)
				.orElse(this.application.getWebApplicationType());
			int port = Binder.get(this.environment).bind("server.port", Integer.class).orElse(8080);
			return type == WebApplicationType.SERVLET && port >= 0 && ClassUtils.isPresent(TOMCAT, null);
		}

		/**
		 * Return whether this run is one that must stay in its JVM, whatever is asked
		 * for.
		 */
		boolean mustNotSupervise() {
			return isBuildStep() || isPartOfAnother() || isTest();
		}

		boolean isBuildStep() {
			return this.environment.getProperty("spring.aot.processing", Boolean.class, false)
					|| "onRefresh".equalsIgnoreCase(SpringProperties.getProperty("spring.context.exit"))
					|| "onRefresh".equalsIgnoreCase(SpringProperties.getProperty("spring.context.checkpoint"));
		}

		boolean isPartOfAnother() {
			return this.environment.getPropertySources().contains("bootstrap") || this.application.getInitializers()
				.stream()
				.anyMatch((initializer) -> initializer instanceof ParentContextApplicationContextInitializer
						|| initializer instanceof ServletContextApplicationContextInitializer);
		}

		boolean isTest() {
			return this.environment
				.containsProperty("org.springframework.boot.test.context.SpringBootTestContextBootstrapper")
					|| Arrays.stream(Thread.currentThread().getStackTrace())
						.anyMatch((frame) -> TEST_FRAMES.stream().anyMatch(frame.getClassName()::startsWith));
		}

		/**
		 * Return what keeps this JVM from supervising, though nothing is wrong with it.
		 */
		@Nullable String obstacle() {
			String system = System.getProperty("os.name");
			String architecture = System.getProperty("os.arch");
			if (!system.equals("Linux") || !List.of("amd64", "aarch64").contains(architecture)) {
				return "worker processes need Linux on x86-64 or aarch64, and this is %s on %s".formatted(system,
						architecture);
			}
			if (NativeDetector.inNativeImage()) {
				return "worker processes need a JVM, and this is a native image";
			}
			if (ModuleLayer.boot().findModule("jdk.unsupported").isEmpty()) {
				return "worker processes need the module jdk.unsupported, which this Java runtime lacks";
			}
			if (Thread.currentThread().getContextClassLoader().getClass().getName().equals(RESTART_CLASS_LOADER)) {
				return "DevTools restarts the application within its process";
			}
			return null;
		}

	}

}
