package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

import dev.tomcorn.Worker;
import dev.tomcorn.WorkerModel;
import dev.tomcorn.launch.SupervisionUnavailableException;
import dev.tomcorn.settings.InvalidSettingException;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.apache.coyote.http2.Http2Protocol;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link TomcornAutoConfiguration} and its companions.
 */
@ExtendWith(OutputCaptureExtension.class)
class TomcornAutoConfigurationTests {

	private final WebApplicationContextRunner plain = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class))
		.withPropertyValues("server.port=0");

	private final WebApplicationContextRunner runner = this.plain
		.withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class));

	@Test
	void applicationThatOnlyAddsTheDependencyRunsGevent() {
		this.runner.run((context) -> {
			assertThat(context).hasSingleBean(Worker.class).hasSingleBean(BrokenWorker.class);
			Worker worker = context.getBean(Worker.class);
			assertThat(worker.workerClass()).isEqualTo("gevent");
			assertThat(worker.supervised()).isFalse();
			assertThat(worker.index()).isZero();
			assertThat(protocol(context)).isInstanceOf(TomcornProtocol.class);
		});
	}

	@Test
	void connectorHasTomcatsDefaultsButForTheBacklog() {
		this.plain.run((expected) -> this.runner.run((context) -> {
			AbstractHttp11Protocol<?> ours = protocol(context);
			AbstractHttp11Protocol<?> theirs = protocol(expected);
			assertThat(ours.getMaxConnections()).isEqualTo(theirs.getMaxConnections());
			assertThat(ours.getMaxKeepAliveRequests()).isEqualTo(theirs.getMaxKeepAliveRequests());
			assertThat(ours.getKeepAliveTimeout()).isEqualTo(theirs.getKeepAliveTimeout());
			assertThat(ours.getConnectionTimeout()).isEqualTo(theirs.getConnectionTimeout());
			assertThat(ours.getConnectionUploadTimeout()).isEqualTo(theirs.getConnectionUploadTimeout());
			assertThat(ours.getMaxSwallowSize()).isEqualTo(theirs.getMaxSwallowSize());
			assertThat(ours.getProcessorCache()).isEqualTo(theirs.getProcessorCache());
			assertThat(ours.getTcpNoDelay()).isEqualTo(theirs.getTcpNoDelay());
			assertThat(ours.getAcceptCount()).isEqualTo(2048);
		}));
	}

	@Test
	void syncRunsOneRequestAtATimeAndOneAConnection() {
		this.runner.withPropertyValues("tomcorn.worker-class=process").run((context) -> {
			AbstractHttp11Protocol<?> protocol = protocol(context);
			assertThat(protocol.getMaxThreads()).isEqualTo(1);
			assertThat(protocol.getMaxKeepAliveRequests()).isEqualTo(1);
			assertThat(context.getBean(Worker.class).workerClass()).isEqualTo("sync");
		});
	}

	@Test
	void gthreadHasItsThreads() {
		this.runner.withPropertyValues("tomcorn.worker-class=gthread", "tomcorn.threads=7").run((context) -> {
			assertThat(protocol(context).getMaxThreads()).isEqualTo(7);
			assertThat(protocol(context).getMaxKeepAliveRequests()).isEqualTo(100);
		});
	}

	@Test
	void gthreadWithoutThreadsHasTomcats() {
		this.runner.withPropertyValues("tomcorn.worker-class=platform", "server.tomcat.threads.max=33")
			.run((context) -> assertThat(protocol(context).getMaxThreads()).isEqualTo(33));
	}

	@Test
	void workerClassDecidesOverSpringsVirtualThreadSwitch(CapturedOutput output) {
		this.runner
			.withPropertyValues("tomcorn.worker-class=gthread", "tomcorn.threads=3",
					"spring.threads.virtual.enabled=true")
			.run((context) -> {
				assertThat(protocol(context).getMaxThreads()).isEqualTo(3);
				assertThat(output).containsOnlyOnce("spring.threads.virtual.enabled applies to Spring's own executors");
			});
	}

	@Test
	void http2IsTurnedOffForSyncAndSaidSo(CapturedOutput output) {
		this.runner.withPropertyValues("tomcorn.worker-class=sync", "server.http2.enabled=true").run((context) -> {
			assertThat(protocol(context).findUpgradeProtocols()).noneMatch(Http2Protocol.class::isInstance);
			assertThat(output).containsOnlyOnce("server.http2.enabled has no effect");
		});
	}

	@Test
	void http2StaysOnForGevent(CapturedOutput output) {
		this.runner.withPropertyValues("server.http2.enabled=true").run((context) -> {
			assertThat(protocol(context).findUpgradeProtocols()).hasAtLeastOneElementOfType(Http2Protocol.class);
			assertThat(output).doesNotContain("has no effect");
		});
	}

	@ParameterizedTest
	@CsvSource({ "sync,server.tomcat.threads.max=5", "sync,server.tomcat.max-keep-alive-requests=5",
			"gevent,tomcorn.threads=4", "gevent,server.tomcat.threads.max=4", "gthread,tomcorn.worker-connections=10" })
	void settingWithoutEffectIsSaid(String workerClass, String setting, CapturedOutput output) {
		this.runner.withPropertyValues("tomcorn.worker-class=" + workerClass, setting)
			.run((context) -> assertThat(output).containsOnlyOnce(setting.split("=")[0] + " has no effect"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "tomcorn.max-requests=100", "tomcorn.max-lifetime=1h", "tomcorn.max-memory=1GB",
			"tomcorn.max-heap-after-gc=85%" })
	void limitOfALifeThatNobodyCanReplaceIsSaid(String setting, CapturedOutput output) {
		this.runner.withPropertyValues(setting)
			.run((context) -> assertThat(output).containsOnlyOnce(setting.split("=")[0] + " has no effect solo"));
	}

	@Test
	void contradictingThreadsAreSaid(CapturedOutput output) {
		this.runner
			.withPropertyValues("tomcorn.worker-class=gthread", "tomcorn.threads=4", "server.tomcat.threads.max=8")
			.run((context) -> {
				assertThat(protocol(context).getMaxThreads()).isEqualTo(4);
				assertThat(output).containsOnlyOnce("server.tomcat.threads.max (8) has no effect");
			});
	}

	@Test
	void customWorkerClassIsFoundByClassName() {
		this.runner.withPropertyValues("tomcorn.worker-class=" + CustomModel.class.getName()).run((context) -> {
			assertThat(context.getBean(Worker.class).workerClass()).isEqualTo("custom");
			assertThat(protocol(context).getMaxThreads()).isEqualTo(5);
		});
	}

	@Test
	void customWorkerClassIsFoundByBeanName() {
		this.runner.withUserConfiguration(CustomModelConfiguration.class)
			.withPropertyValues("tomcorn.worker-class=myModel")
			.run((context) -> assertThat(context.getBean(Worker.class).workerClass()).isEqualTo("custom"));
	}

	@Test
	void onlyWorkerModelBeanIsUsedUnlessAnotherClassIsNamed() {
		this.runner.withUserConfiguration(CustomModelConfiguration.class)
			.run((context) -> assertThat(context.getBean(Worker.class).workerClass()).isEqualTo("custom"));
		this.runner.withUserConfiguration(CustomModelConfiguration.class)
			.withPropertyValues("tomcorn.worker-class=sync")
			.run((context) -> assertThat(context.getBean(Worker.class).workerClass()).isEqualTo("sync"));
	}

	@ParameterizedTest
	@CsvSource({ "tomcorn.problems.ignored,long-requests", "tomcorn.problems.heap-after-gc,101",
			"tomcorn.problems.cpu-taken,0", "tomcorn.problems.disk-free,0B", "tomcorn.problems.long-request,-1s",
			"tomcorn.problems.out-of-memory,0", "tomcorn.worker-class,gvent", "tomcorn.worker-class,java.lang.String",
			"tomcorn.workers,0", "tomcorn.workers,129", "tomcorn.workers,many", "tomcorn.threads,0",
			"tomcorn.threads,10001", "tomcorn.worker-connections,0", "tomcorn.backlog,0", "tomcorn.graceful-timeout,-1",
			"tomcorn.timeout,1", "tomcorn.boot-timeout,400d" })
	void valueThatMustNotBeIsReportedWithItsProperty(String property, String value) {
		this.runner.withPropertyValues(property + "=" + value)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidSettingException.class, (ex) -> {
					assertThat(ex.property()).isEqualTo(property);
					assertThat(ex.requirement()).isNotBlank();
				}));
	}

	@Test
	void patternThatCannotBeParsedIsReportedWithItsPlace() {
		this.runner
			.withPropertyValues("tomcorn.request-timeout-overrides[0].path=/reports/{",
					"tomcorn.request-timeout-overrides[0].timeout=5s")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOfSatisfying(InvalidSettingException.class,
						(ex) -> assertThat(ex.property()).isEqualTo("tomcorn.request-timeout-overrides[0].path")));
	}

	@Test
	void watchHasAThreadOnlyIfThereIsALimit() {
		// The threads of other tests may be ending
		Set<Thread> others = watches();
		this.runner.run((context) -> assertThat(others).containsAll(watches()));
		this.runner.withPropertyValues("tomcorn.slow-request-threshold=5s").run((context) -> {
			Set<Thread> own = watches();
			own.removeAll(others);
			assertThat(own).hasSize(1);
		});
		await().until(() -> others.containsAll(watches()));
	}

	private static Set<Thread> watches() {
		return Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> thread.getName().equals("tomcorn-request-watch"))
			.collect(Collectors.toSet());
	}

	@Test
	void webConcurrencyIsTheDefaultNumberOfWorkers() {
		this.runner.withPropertyValues("WEB_CONCURRENCY=3")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).workers()).isEqualTo(3));
		this.runner.withPropertyValues("WEB_CONCURRENCY=3", "tomcorn.workers=2")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).workers()).isEqualTo(2));
		this.runner.withPropertyValues("WEB_CONCURRENCY=x")
			.run((context) -> assertThat(context).getFailure().rootCause().hasMessageContaining("WEB_CONCURRENCY"));
	}

	/**
	 * Container tools pass unset variables as empty ones.
	 */
	@Test
	void emptyVariableSetsNothing() {
		Set<String> variables = Set.of("WEB_CONCURRENCY", "TOMCORN_WORKERS", "TOMCORN_WORKER_CLASS", "TOMCORN_THREADS",
				"TOMCORN_WORKER_CONNECTIONS", "TOMCORN_BACKLOG", "TOMCORN_REUSE_PORT", "TOMCORN_PAUSE_ON_WINCH",
				"TOMCORN_JVM_OPTIONS", "TOMCORN_DIRECTORY", "TOMCORN_BOOT_TIMEOUT", "TOMCORN_TIMEOUT",
				"TOMCORN_GRACEFUL_TIMEOUT", "TOMCORN_STANDBY", "TOMCORN_MAX_REQUESTS", "TOMCORN_MAX_LIFETIME",
				"TOMCORN_MAX_MEMORY", "TOMCORN_MAX_HEAP_AFTER_GC", "TOMCORN_REQUEST_TIMEOUT",
				"TOMCORN_RELOAD_MAX_SURGE", "TOMCORN_INCIDENTS_DIRECTORY", "TOMCORN_INCIDENTS_MAX_COUNT",
				"TOMCORN_INCIDENTS_MAX_SIZE", "TOMCORN_INCIDENTS_HEAP_DUMP", "TOMCORN_SCHEDULING",
				"TOMCORN_METRICS_COUNTERS", "TOMCORN_RUN_DIRECTORY", "TOMCORN_ARBITER_ENABLED", "SERVER_ADDRESS",
				"SERVER_SHUTDOWN");
		Map<String, Object> empty = variables.stream()
			.collect(Collectors.toMap(Function.identity(),
					(variable) -> " ".repeat(variable.startsWith("WEB") ? 1 : 0)));
		this.runner.run(
				(expected) -> this.runner
					.withInitializer((context) -> context.getEnvironment()
						.getPropertySources()
						.addFirst(new SystemEnvironmentPropertySource("test-systemEnvironment", empty)))
					.run((context) -> {
						assertThat(context).hasNotFailed();
						assertThat(context.getBean(TomcornSettings.class))
							.isEqualTo(expected.getBean(TomcornSettings.class));
					}));
	}

	@Test
	void autoCountsByWorkerClassAndCpus() {
		int cpus = Runtime.getRuntime().availableProcessors();
		this.runner.withPropertyValues("tomcorn.workers=auto")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).workers()).isEqualTo(cpus));
		this.runner.withPropertyValues("tomcorn.workers=auto", "tomcorn.worker-class=sync")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).workers()).isEqualTo(2 * cpus + 1));
	}

	@Test
	void plainNumbersAreSeconds() {
		this.runner.withPropertyValues("tomcorn.graceful-timeout=7", "tomcorn.timeout=0").run((context) -> {
			assertThat(context.getBean(TomcornSettings.class).arbiter().gracefulTimeout()).hasSeconds(7);
			assertThat(context.getBean(TomcornSettings.class).arbiter().timeout()).isZero();
		});
	}

	@Test
	void immediateShutdownMeansNoDrainUnlessOneIsAskedFor() {
		this.runner.withPropertyValues("server.shutdown=immediate")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).arbiter().gracefulTimeout()).isZero());
		this.runner.withPropertyValues("server.shutdown=immediate", "tomcorn.graceful-timeout=5")
			.run((context) -> assertThat(context.getBean(TomcornSettings.class).arbiter().gracefulTimeout())
				.hasSeconds(5));
	}

	@Test
	void backsOffToTheUsersWorkerProcess() {
		WorkerProcess process = WorkerProcess.solo(Duration.ofSeconds(1));
		this.runner.withBean(WorkerProcess.class, () -> process)
			.run((context) -> assertThat(context.getBean(WorkerProcess.class)).isSameAs(process));
	}

	@Test
	void backsOffOutsideAServletApplication() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TomcornAutoConfiguration.class))
			.run((context) -> assertThat(context).doesNotHaveBean(Worker.class));
	}

	@Test
	void foreignProtocolIsRefused() {
		this.runner.withUserConfiguration(ForeignProtocolConfiguration.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(SupervisionUnavailableException.class)
				.hasMessageContaining("Http11Nio2Protocol"));
	}

	private static AbstractHttp11Protocol<?> protocol(AssertableWebApplicationContext context) {
		ServletWebServerApplicationContext source = context
			.getSourceApplicationContext(AnnotationConfigServletWebServerApplicationContext.class);
		Connector connector = ((TomcatWebServer) source.getWebServer()).getTomcat().getConnector();
		return (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
	}

	static final class CustomModel implements WorkerModel {

		@Override
		public String name() {
			return "custom";
		}

		@Override
		public int concurrency() {
			return 5;
		}

		@Override
		public void configure(AbstractHttp11Protocol<?> protocol) {
			protocol.setExecutor(null);
			protocol.setMaxThreads(5);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class CustomModelConfiguration {

		@Bean
		WorkerModel myModel() {
			return new CustomModel();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ForeignProtocolConfiguration {

		@Bean
		WebServerFactoryCustomizer<TomcatServletWebServerFactory> foreignProtocol() {
			Consumer<TomcatServletWebServerFactory> nio2 = (factory) -> factory
				.setProtocol("org.apache.coyote.http11.Http11Nio2Protocol");
			return nio2::accept;
		}

	}

}
