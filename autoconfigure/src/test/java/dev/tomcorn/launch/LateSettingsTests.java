package dev.tomcorn.launch;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.spy;

/**
 * Tests for settings that change after the arbiter has read them.
 */
@ExtendWith(OutputCaptureExtension.class)
class LateSettingsTests {

	private final WebApplicationContextRunner application = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(
				AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class, TomcornAutoConfiguration.class))
		.withPropertyValues("server.port=0");

	private final WebApplicationContextRunner solo = this.application
		.withInitializer((context) -> context.getBeanFactory()
			.registerSingleton(TomcornRunListener.LATE_SETTINGS_BEAN, LateSettings.ofSolo(context.getEnvironment())));

	private final WebApplicationContextRunner worker = this.application
		.withInitializer((context) -> context.getBeanFactory()
			.registerSingleton(TomcornRunListener.LATE_SETTINGS_BEAN, ofWorker(context.getEnvironment())))
		.withBean(WorkerProcess.class, () -> {
			WorkerProcess process = spy(WorkerProcess.solo(Duration.ZERO));
			given(process.isSupervised()).willReturn(true);
			return process;
		});

	private WebApplicationContextRunner late(WebApplicationContextRunner runner, String name, String value) {
		return runner.withInitializer((context) -> context.getEnvironment()
			.getPropertySources()
			.addFirst(new MapPropertySource("lateSource", Map.of(name, value))));
	}

	private static void refused(AssertableWebApplicationContext context, String... parts) {
		Throwable failure = context.getStartupFailure();
		assertThat(failure).hasRootCauseInstanceOf(LateSettingException.class);
		assertThat(BootFailure.describe(null, failure)).contains(parts);
	}

	@ParameterizedTest
	@CsvSource({ "server.port, 21404", "server.address, 127.0.0.1", "server.shutdown, immediate",
			"server.tomcat.accept-count, 7", "server.tomcat.accesslog.enabled, true", "management.server.port, 21404",
			"spring.lifecycle.timeout-per-shutdown-phase, 3s", "tomcorn.workers, 3", "WEB_CONCURRENCY, 3",
			"tomcorn.timeout, 20s", "tomcorn.graceful-timeout, 7s", "tomcorn.standby, 1",
			"tomcorn.run-directory, /tmp/elsewhere", "tomcorn.directory, /tmp",
			"tomcorn.jvm-options, options with fingerprint", "tomcorn.pause-on-winch, true",
			"tomcorn.first-worker-alone, false", "tomcorn.defer-second-compiler, false",
			"tomcorn.incidents.max-count, 3", "tomcorn.backlog, 9", "tomcorn.reload.max-surge, 2",
			"tomcorn.gracefulTimeout, 7s" })
	void settingThatTheArbiterHasReadIsRefusedWithItsNameValueAndSource(String property, String value) {
		late(this.worker, property, value.startsWith("options") ? "-Dsecret=1" : value)
			.run((context) -> refused(context, property.replace("gracefulTimeout", "graceful-timeout"), value,
					"'lateSource'", "application.yml"));
	}

	private static LateSettings ofWorker(Environment environment) {
		return LateSettings.ofWorker(environment, TomcornSettings.of(environment));
	}

	@Test
	void laterSourceOfTheApplicationIsNamed() {
		new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class,
					TomcornAutoConfiguration.class))
			.withInitializer((context) -> context.getBeanFactory()
				.registerSingleton(TomcornRunListener.LATE_SETTINGS_BEAN, ofWorker(context.getEnvironment())))
			.withBean(WorkerProcess.class, () -> {
				WorkerProcess process = spy(WorkerProcess.solo(Duration.ZERO));
				given(process.isSupervised()).willReturn(true);
				return process;
			})
			.withUserConfiguration(Source.class)
			.run((context) -> refused(context, "server.port (not set at the start, 21404 now, from 'late'"));
	}

	@ParameterizedTest
	@CsvSource({ "server.address, 0.0.0.0", "server.address, ::", "server.shutdown, graceful",
			"spring.lifecycle.timeout-per-shutdown-phase, 30s", "tomcorn.timeout, PT30S", "WEB_CONCURRENCY, ''",
			"tomcorn.workers, 1", "tomcorn.threads, 7", "tomcorn.request-timeout, 5s",
			"server.servlet.context-path, /a", "server.tomcat.accesslog.prefix, x", "management.server.port, -1" })
	void settingThatMeansTheSameOrThatOnlyWorkersReadIsTaken(String property, String value) {
		late(this.worker, property, value).run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@ValueSource(strings = { "customizer", "factory", "connector" })
	void portThatCodeSetsIsRefused(String where) {
		Consumer<TomcatServletWebServerFactory> code = where.equals("connector")
				? (factory) -> factory.addConnectorCustomizers((connector) -> connector.setPort(21404))
				: (factory) -> factory.setPort(21404);
		WebApplicationContextRunner runner = where.equals("factory")
				? this.worker.withPropertyValues("server.port=")
					.withBean(TomcatServletWebServerFactory.class, () -> new TomcatServletWebServerFactory(21404))
				: this.worker.withBean("code", Code.class, () -> code::accept);
		runner.run((context) -> refused(context, "server.port (", "at the start, 21404 now, from code"));
	}

	@Test
	void addressThatCodeSetsIsRefused() {
		this.worker
			.withBean("code", Code.class, () -> (factory) -> factory.setAddress(InetAddress.ofLiteral("127.0.0.1")))
			.run((context) -> refused(context, "server.address (every address at the start, 127.0.0.1 now, from code"));
	}

	@ParameterizedTest
	@CsvSource({ "tomcorn.workers, 3", "WEB_CONCURRENCY, 3", "tomcorn.arbiter.enabled, true" })
	void soloApplicationIsToldOfWorkersThatComeTooLate(String property, String value, CapturedOutput output) {
		late(this.solo, property, value).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).containsOnlyOnce("Running in one process: " + property + " (not set at the start, "
					+ value + " now, from 'lateSource')");
		});
	}

	@ParameterizedTest
	@CsvSource({ "server.port, 0", "server.shutdown, immediate", "tomcorn.standby, 1", "tomcorn.workers, 1" })
	void soloApplicationMaySetTheRestWhenItLikes(String property, String value, CapturedOutput output) {
		late(this.solo, property, value).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain("Running in one process");
		});
	}

	@FunctionalInterface
	interface Code extends WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

	}

	@Configuration(proxyBeanMethods = false)
	@PropertySource(name = "late", value = "classpath:dev/tomcorn/launch/late.properties")
	static class Source {

		@Bean
		String other() {
			return "";
		}

	}

}
