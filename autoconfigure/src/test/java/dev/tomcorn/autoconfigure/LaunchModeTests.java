package dev.tomcorn.autoconfigure;

import java.net.URL;
import java.net.URLClassLoader;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.env.DefaultPropertiesPropertySource;
import org.springframework.boot.devtools.restart.classloader.RestartClassLoader;
import org.springframework.boot.web.servlet.support.ServletContextApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.web.MockServletContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LaunchMode}.
 */
@Isolated("It sets the name of the operating system")
class LaunchModeTests {

	private final SpringApplication application = new SpringApplication(LaunchModeTests.class);

	private final MockEnvironment environment = new MockEnvironment();

	private final LaunchMode.Launch launch = new LaunchMode.Launch(this.application, this.environment);

	private final String operatingSystem = System.getProperty("os.name");

	private final ClassLoader contextClassLoader = Thread.currentThread().getContextClassLoader();

	@AfterEach
	void restore() {
		System.setProperty("os.name", this.operatingSystem);
		Thread.currentThread().setContextClassLoader(this.contextClassLoader);
		SpringProperties.setProperty("spring.context.exit", null);
		SpringProperties.setProperty("spring.context.checkpoint", null);
	}

	@Test
	void servletApplicationWithAPortIsOne() {
		assertThat(this.launch.isServletApplication()).isTrue();
	}

	@ParameterizedTest
	@CsvSource({ "spring.main.web-application-type,none", "spring.main.web-application-type,reactive",
			"server.port,-1" })
	void applicationWithoutAServletContainerIsNone(String property, String value) {
		this.environment.setProperty(property, value);
		assertThat(this.launch.isServletApplication()).isFalse();
	}

	@Test
	void applicationTypeSetInCodeCounts() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		assertThat(this.launch.isServletApplication()).isFalse();
	}

	@Test
	void testIsRecognized() {
		assertThat(this.launch.isTest()).isTrue();
		assertThat(LaunchMode.of(this.launch)).isEqualTo(LaunchMode.SOLO);
	}

	@Test
	void testIsRecognizedByItsPropertyOnAnyThread() throws Exception {
		this.environment.setProperty("org.springframework.boot.test.context.SpringBootTestContextBootstrapper", "true");
		assertThat(isTestOnPlainThread()).isTrue();
	}

	@Test
	void plainRunIsNoTest() throws Exception {
		assertThat(isTestOnPlainThread()).isFalse();
	}

	private boolean isTestOnPlainThread() throws InterruptedException {
		boolean[] test = new boolean[1];
		Thread thread = new Thread(() -> test[0] = this.launch.isTest());
		thread.start();
		thread.join();
		return test[0];
	}

	@Test
	void ordinaryRunIsNeitherBuildStepNorPartOfAnother() {
		assertThat(this.launch.isBuildStep()).isFalse();
		assertThat(this.launch.isPartOfAnother()).isFalse();
	}

	@Test
	void aheadOfTimeProcessingIsABuildStep() {
		this.environment.setProperty("spring.aot.processing", "true");
		assertThat(this.launch.isBuildStep()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.context.exit", "spring.context.checkpoint" })
	void trainingRunIsABuildStep(String property) {
		SpringProperties.setProperty(property, "onRefresh");
		assertThat(this.launch.isBuildStep()).isTrue();
	}

	@Test
	void bootstrapContextIsPartOfAnother() {
		this.environment.getPropertySources().addLast(new MapPropertySource("bootstrap", Map.of()));
		assertThat(this.launch.isPartOfAnother()).isTrue();
	}

	@Test
	void childContextIsPartOfAnother() {
		this.application
			.addInitializers(new ParentContextApplicationContextInitializer(new GenericApplicationContext()));
		assertThat(this.launch.isPartOfAnother()).isTrue();
	}

	@Test
	void applicationDeployedToAServletContainerIsPartOfAnother() {
		this.application.addInitializers(new ServletContextApplicationContextInitializer(new MockServletContext()));
		assertThat(this.launch.isPartOfAnother()).isTrue();
	}

	@Test
	void thisMachineHasNoObstacle() {
		assertThat(this.launch.obstacle()).isNull();
	}

	@Test
	void otherOperatingSystemIsAnObstacle() {
		System.setProperty("os.name", "Mac OS X");
		assertThat(this.launch.obstacle()).contains("Linux").contains("Mac OS X");
	}

	@Test
	void devToolsRestarterIsAnObstacle() throws Exception {
		try (URLClassLoader restarter = new RestartClassLoader(this.contextClassLoader, new URL[0])) {
			Thread.currentThread().setContextClassLoader(restarter);
			assertThat(this.launch.obstacle()).contains("DevTools");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "9090", "0" })
	void managementPortOfItsOwnIsSeparate(String port) {
		this.environment.setProperty("management.server.port", port);
		assertThat(ManagementPort.isSeparate(this.environment)).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "8080", "-1" })
	void managementPortThatIsSharedOrOffIsNotSeparate(String port) {
		this.environment.setProperty("management.server.port", port);
		assertThat(ManagementPort.isSeparate(this.environment)).isFalse();
	}

	@Test
	void geventTurnsOnVirtualThreadsAsADefaultOnly() {
		StandardEnvironment standard = new StandardEnvironment();
		new TomcornEnvironmentPostProcessor().postProcessEnvironment(standard, this.application);
		assertThat(standard.getProperty("spring.threads.virtual.enabled")).isEqualTo("true");
		this.environment.setProperty("spring.threads.virtual.enabled", "false");
		new TomcornEnvironmentPostProcessor().postProcessEnvironment(this.environment, this.application);
		assertThat(this.environment.getProperty("spring.threads.virtual.enabled")).isEqualTo("false");
	}

	@Test
	void virtualThreadsAreNoDefaultOverTheApplicationsOwnDefaults() {
		StandardEnvironment standard = new StandardEnvironment();
		DefaultPropertiesPropertySource.addOrMerge(Map.of("spring.threads.virtual.enabled", "false"),
				standard.getPropertySources());
		new TomcornEnvironmentPostProcessor().postProcessEnvironment(standard, this.application);
		assertThat(standard.getProperty("spring.threads.virtual.enabled")).isEqualTo("false");
	}

	@ParameterizedTest
	@ValueSource(strings = { "sync", "gthread", "platform", "com.example.Custom" })
	void otherWorkerClassesLeaveVirtualThreadsAlone(String workerClass) {
		this.environment.setProperty("tomcorn.worker-class", workerClass);
		new TomcornEnvironmentPostProcessor().postProcessEnvironment(this.environment, this.application);
		assertThat(this.environment.containsProperty("spring.threads.virtual.enabled")).isFalse();
	}

}
