package dev.tomcorn.launch;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;

import dev.tomcorn.Worker;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.support.EnvironmentPostProcessorApplicationListener;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.ServletWebServerFactory;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests that a mistake of the user leads to one report with the problem and the action.
 * An application for several workers is started as usual, up to the point where it fails.
 */
@ExtendWith(OutputCaptureExtension.class)
@Isolated("It sets system properties")
class LaunchFailureTests {

	private static final String REPORT = "APPLICATION FAILED TO START";

	private static final String SUPERVISED = "--tomcorn.arbiter.enabled=true";

	/**
	 * An address that no machine has. If the settings are accepted, this JVM cannot
	 * listen and does not become an arbiter.
	 */
	private static final String NOWHERE = "--server.address=203.0.113.1";

	private final String operatingSystem = System.getProperty("os.name");

	private final TestedJvm jvm = new TestedJvm();

	@BeforeEach
	@AfterEach
	void restore() {
		System.setProperty("os.name", this.operatingSystem);
		System.clearProperty("APPLICATION_GROUP");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			tomcorn.workers=0                | tomcorn.workers is '0'.                | from 1 to 128
			tomcorn.workers=1000             | tomcorn.workers is '1000'.             | from 1 to 128
			tomcorn.workers=many             | tomcorn.workers is 'many'.             | from 1 to 128, or 'auto'
			tomcorn.threads=0                | tomcorn.threads is '0'.                | from 1 to 10000
			tomcorn.worker-connections=0     | tomcorn.worker-connections is '0'.     | from 1 to 1000000
			tomcorn.backlog=0                | tomcorn.backlog is '0'.                | from 1 to 65535
			tomcorn.graceful-timeout=-1s     | tomcorn.graceful-timeout is            | a duration from 0 to 365 days
			""")
	void settingsAreCheckedBeforeAnyWorkerStarts(String setting, String description, String action,
			CapturedOutput output) {
		assertRefused(output, description, action, SUPERVISED, NOWHERE, "--" + setting);
	}

	@Test
	void addressThatThisMachineHasNotIsSeenBeforeAnyWorkerStarts(CapturedOutput output) {
		assertRefused(output, "server.address is /203.0.113.1, which is not an address of this machine.",
				"Set server.address to an address of this machine", SUPERVISED, NOWHERE);
	}

	@Test
	void portInUseIsSeenBeforeAnyWorkerStarts(CapturedOutput output) throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			assertRefused(output,
					"Web server failed to start. Port %d was already in use.".formatted(taken.getLocalPort()),
					"configure this application to listen on another port", SUPERVISED,
					"--server.port=" + taken.getLocalPort());
		}
	}

	@Test
	void managementAddressThatThisMachineHasNotIsReported() {
		MockEnvironment environment = new MockEnvironment().withProperty("management.server.port", "0")
			.withProperty("management.server.address", "203.0.113.1");
		assertThatExceptionOfType(ManagementPort.OccupiedException.class)
			.isThrownBy(() -> ManagementPort.listen(environment, null, (prefix, address) -> {
			}))
			.satisfies((ex) -> assertThat(BootFailure.describe(null, ex))
				.contains("management.server.address is /203.0.113.1, which is not an address of this machine.")
				.contains("Set management.server.address"));
	}

	@Test
	void managementPortInUseIsReported() throws Exception {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			MockEnvironment environment = new MockEnvironment()
				.withProperty("management.server.port", Integer.toString(taken.getLocalPort()))
				.withProperty("management.server.address", "127.0.0.1");
			assertThatExceptionOfType(ManagementPort.OccupiedException.class)
				.isThrownBy(() -> ManagementPort.listen(environment, null, (prefix, address) -> {
				}))
				.satisfies((ex) -> assertThat(BootFailure.describe(null, ex))
					.contains("Port %d was already in use.".formatted(taken.getLocalPort()))
					.contains("listen on another port with management.server.port"));
		}
	}

	@Test
	void supervisionForcedOnAnUnsupportedPlatformIsRefused(CapturedOutput output) {
		System.setProperty("os.name", "Mac OS X");
		assertRefused(output,
				"tomcorn.arbiter.enabled is true, but worker processes need Linux on x86-64 or aarch64, and this is Mac OS X",
				"Remove tomcorn.arbiter.enabled", NOWHERE, SUPERVISED);
	}

	@Test
	void severalWorkersOnAnUnsupportedPlatformRunSoloWithAWarning(CapturedOutput output) throws Exception {
		System.setProperty("os.name", "Mac OS X");
		try (ConfigurableApplicationContext context = run(Application.class, "--server.port=0",
				"--tomcorn.workers=2")) {
			assertThat(context.getBean(Worker.class).supervised()).isFalse();
			assertThat(((WebServerApplicationContext) context).getWebServer().getPort()).isPositive();
			assertThat(ProcessHandle.current().children()).isEmpty();
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains(" WARN "))).singleElement()
			.asString()
			.contains("Running in one process instead of 2 workers");
	}

	/**
	 * Each property is known only when the application has a context, for example by
	 * {@code @PropertySource}.
	 */
	@ParameterizedTest
	@CsvSource({ "server.address, set.later.address", "server.port, set.later.port",
			"management.server.address, set.later.address", "server.tomcat.accept-count, set.later.threads",
			"spring.lifecycle.timeout-per-shutdown-phase, set.later.timeout", "tomcorn.worker-class, set.later.class",
			"tomcorn.threads, set.later.threads" })
	void soloApplicationMayReferToWhatItSetsLater(String property, String later) throws Exception {
		List<String> arguments = new ArrayList<>(List.of("--%s=${%s}".formatted(property, later)));
		if (!property.equals("server.port")) {
			arguments.add("--server.port=0");
		}
		if (property.startsWith("management")) {
			arguments.add("--management.server.port=0");
		}
		try (ConfigurableApplicationContext context = run(SetsLater.class, arguments.toArray(String[]::new))) {
			assertThat(context.isRunning()).isTrue();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "server.address", "server.port", "server.tomcat.accept-count" })
	void arbiterNamesThePropertyThatRefersToWhatIsSetLater(String property, CapturedOutput output) {
		List<String> arguments = new ArrayList<>(
				List.of("--tomcorn.workers=2", "--%s=${set.later}".formatted(property)));
		if (!property.equals("server.address")) {
			arguments.add(NOWHERE);
		}
		assertRefused(output, "Failed to bind properties under '" + property, "set.later",
				arguments.toArray(String[]::new));
	}

	@ParameterizedTest
	@ValueSource(strings = { "behind the logs", "before the logs" })
	void whatIsSetUntilTheEnvironmentIsCompleteDecides(String where, CapturedOutput output) {
		SpringApplication application = settingLate(where, Map.of("tomcorn.workers", "2"));
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> run(application, NOWHERE));
		assertThat(output.getOut().lines().filter((line) -> line.contains(" ERROR "))).singleElement()
			.asString()
			.contains("[arbiter]");
	}

	@Test
	void soloApplicationThatAListenerMakesOfAFleetIsAndLogsAsOne(CapturedOutput output) {
		SpringApplication application = settingLate("behind the logs",
				Map.of("tomcorn.workers", "1", "tomcorn.worker-class", "gthread"));
		AtomicReference<ConfigurableEnvironment> environment = new AtomicReference<>();
		application.addInitializers((context) -> environment.set(context.getEnvironment()));
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> run(application, NOWHERE, "--tomcorn.workers=2"));
		assertThat(environment.get()).as("the application has a context").isNotNull();
		assertThat(environment.get().containsProperty("spring.threads.virtual.enabled")).isFalse();
		assertThat(environment.get().containsProperty("logging.structured.json.add.worker")).isFalse();
		assertThat(output.getOut().lines().filter((line) -> line.contains(" ERROR "))).isNotEmpty()
			.noneMatch((line) -> line.contains("[arbiter]"));
	}

	@Test
	void debuggerOfTheCommandLineRunsSoloWithAWarningThatNamesTheWayToDebugAWorker(CapturedOutput output)
			throws Exception {
		this.jvm.options("-agentlib:jdwp=transport=dt_socket,server=y,address=5005");
		try (ConfigurableApplicationContext context = run(Application.class, "--server.port=0",
				"--tomcorn.workers=2")) {
			assertThat(context.getBean(Worker.class).supervised()).isFalse();
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains(" WARN "))).singleElement()
			.asString()
			.contains("debugger")
			.contains("tomcorn.jvm-options=");
	}

	@Test
	void serverOtherThanTomcatRunsSoloWithAWarning(CapturedOutput output) throws Exception {
		try (ConfigurableApplicationContext context = run(OtherServer.class)) {
			assertThat(context.isRunning()).isTrue();
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains(" WARN "))).singleElement()
			.asString()
			.contains("The web server is Other");
	}

	@Test
	void webFluxWithAnArbiterIsRefused(CapturedOutput output) {
		assertRefused(output, "tomcorn.arbiter.enabled is true, but this is a WebFlux application",
				"Remove tomcorn.arbiter.enabled", SUPERVISED, "--spring.main.web-application-type=reactive");
	}

	@Test
	void unknownWorkerClassIsRefused(CapturedOutput output) {
		assertRefused(output, "tomcorn.worker-class is 'eventlet'.",
				"Set tomcorn.worker-class to sync, gthread, gevent, the name of a class that implements",
				"--server.port=0", "--tomcorn.worker-class=eventlet");
	}

	/**
	 * A failure without a failure analyzer.
	 */
	@Test
	void failureOfTheApplicationShowsItsStackTraceOnce(CapturedOutput output) {
		assertThatExceptionOfType(ExecutionException.class)
			.isThrownBy(() -> run(BrokenApplication.class, "--server.port=0"))
			.withRootCauseInstanceOf(BrokenException.class);
		assertThat(output).containsOnlyOnce("Application run failed")
			.containsOnlyOnce("Caused by: " + BrokenException.class.getName())
			.doesNotContain(REPORT);
	}

	private void assertRefused(CapturedOutput output, String description, String action, String... arguments) {
		assertThatExceptionOfType(ExecutionException.class).isThrownBy(() -> run(Application.class, arguments));
		assertThat(output.getOut()).contains(action);
		assertThat(StringUtils.countOccurrencesOf(output.getOut(), REPORT)).as("reports").isOne();
		assertThat(output.getOut().indexOf(description)).as("the report names the problem")
			.isGreaterThan(output.getOut().indexOf(REPORT));
		assertThat(output).as("a report needs no stack trace").doesNotContain("\tat ");
		assertThat(ProcessHandle.current().children()).isEmpty();
	}

	private static SpringApplication settingLate(String where, Map<String, Object> properties) {
		SpringApplication application = new SpringApplication(Application.class);
		application.addListeners(new LateListener(where.startsWith("behind") ? Ordered.LOWEST_PRECEDENCE
				: EnvironmentPostProcessorApplicationListener.DEFAULT_ORDER + 1, properties));
		return application;
	}

	/**
	 * Run an application as a main method does, in a simulated JVM.
	 */
	private ConfigurableApplicationContext run(Class<?> application, String... arguments)
			throws ExecutionException, InterruptedException {
		return run(new SpringApplication(application), arguments);
	}

	private ConfigurableApplicationContext run(SpringApplication springApplication, String... arguments)
			throws ExecutionException, InterruptedException {
		List<String> all = new ArrayList<>(List.of(arguments));
		all.add("--spring.main.banner-mode=off");
		RunningJvm running = this.jvm.property("os.name", System.getProperty("os.name")).toJvm();
		springApplication.addBootstrapRegistryInitializer(
				(registry) -> registry.register(RunningJvm.class, InstanceSupplier.of(running)));
		FutureTask<ConfigurableApplicationContext> run = new FutureTask<>(
				() -> springApplication.run(all.toArray(String[]::new)));
		Thread.ofPlatform().daemon().start(run);
		return run.get();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TomcatServletWebServerAutoConfiguration.class, LifecycleAutoConfiguration.class,
			TomcornAutoConfiguration.class })
	@PropertySource("classpath:dev/tomcorn/launch/set-later.properties")
	static class SetsLater {

	}

	/**
	 * Sets properties before or after the listener that sets up the logs, but always
	 * after Boot's post-processors of the environment.
	 */
	private record LateListener(int order, Map<String, Object> properties)
			implements
				ApplicationListener<ApplicationEnvironmentPreparedEvent>,
				Ordered {

		@Override
		public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
			event.getEnvironment().getPropertySources().addFirst(new MapPropertySource("late", this.properties));
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class BrokenApplication {

		@Bean
		Object broken() {
			throw new BrokenException();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OtherServer {

		@Bean
		OtherServletWebServerFactory server() {
			return new OtherServletWebServerFactory();
		}

	}

	static final class OtherServletWebServerFactory implements ServletWebServerFactory {

		@Override
		public WebServer getWebServer(ServletContextInitializer... initializers) {
			return new TomcatServletWebServerFactory(0).getWebServer(initializers);
		}

	}

	static final class BrokenException extends RuntimeException {

	}

}
