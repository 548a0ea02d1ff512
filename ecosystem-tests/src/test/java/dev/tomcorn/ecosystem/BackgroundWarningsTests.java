package dev.tomcorn.ecosystem;

import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.tomcorn.LeaderOnly;
import jakarta.jms.ConnectionFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.junit.jupiter.api.Test;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.batch.autoconfigure.JobLauncherApplicationRunner;
import org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.dsl.Pollers;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.kafka.config.KafkaStreamsInfrastructureCustomizer;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for the warnings of work that each worker does by itself.
 */
class BackgroundWarningsTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withPropertyValues("tomcorn.worker.index=1", "tomcorn.worker.label=1b");

	private static final ApplicationContextRunner database = runner.withConfiguration(
			AutoConfigurations.of(DataSourceAutoConfiguration.class, JdbcTemplateAutoConfiguration.class));

	private static final ApplicationContextRunner shared = database.withPropertyValues(
			"spring.datasource.url=jdbc:postgresql://db/a", "spring.datasource.driver-class-name=org.h2.Driver");

	private static final ApplicationContextRunner launcher = runner.withBean(JobLauncherApplicationRunner.class,
			() -> mock(JobLauncherApplicationRunner.class));

	static Stream<WarningExample> examples() {
		ApplicationContextRunner quartz = runner
			.withConfiguration(AutoConfigurations.of(QuartzAutoConfiguration.class));
		ApplicationContextRunner jobs = quartz.withUserConfiguration(Jobs.class);
		ApplicationContextRunner poller = runner.withUserConfiguration(Poller.class);
		ApplicationContextRunner job = launcher.withBean(org.springframework.batch.core.job.Job.class,
				() -> mock(org.springframework.batch.core.job.Job.class));
		ApplicationContextRunner counts = runner.withUserConfiguration(Counts.class);
		return Stream.of(
				WarningExample.of(jobs, leading(jobs), "quartz")
					.saying("'quartzScheduler'", "tomcorn.scheduling: leader"),
				WarningExample.of(poller, leading(poller), "pollers"),
				WarningExample.of(job, leading(job), "batch-job"),
				WarningExample
					.of(runner.withUserConfiguration(Ticks.class),
							runner.withUserConfiguration(Ticks.class).withPropertyValues("tomcorn.scheduling=all"),
							"scheduled-methods")
					.saying("BackgroundWarningsTests$Ticks.tick, ", "$Ticks.tidy. ",
							"tomcorn.scheduling: leader, or all"),
				WarningExample
					.of(shared.withUserConfiguration(LoadingRunner.class),
							shared.withUserConfiguration(LibraryRunner.class), "runners")
					.saying("'load'"),
				WarningExample.of(consumer("shop"), consumer("shop-1"), "group-instance-id")
					.saying("(shop)", "${tomcorn.worker.index:0}"),
				WarningExample.of(counts, counts.withPropertyValues("state=/var/lib/app/1b"), "streams-state")
					.saying("${tomcorn.worker.label:0}"),
				WarningExample.of(connections("shop"), connections("shop-1"), "client-id"));
	}

	private static ApplicationContextRunner leading(ApplicationContextRunner application) {
		return application.withPropertyValues("tomcorn.scheduling=LEADER");
	}

	@Test
	void schedulerIsToldOfIfItHasJobsAndRuns() {
		ApplicationContextRunner quartz = runner
			.withConfiguration(AutoConfigurations.of(QuartzAutoConfiguration.class));
		ApplicationContextRunner jobs = quartz.withUserConfiguration(Jobs.class);
		assertThat(TestWorker.ofFleet(1).warnings(jobs)).containsKey("quartz");
		assertThat(TestWorker.warningsOf(jobs.withPropertyValues("spring.quartz.startup-delay=1h")))
			.as("a scheduler that starts later")
			.containsKey("quartz");
		assertThat(TestWorker.warningsOf(jobs.withPropertyValues("spring.quartz.auto-startup=false"))).isEmpty();
		assertThat(TestWorker.warningsOf(quartz)).isEmpty();
	}

	@Test
	void pollerIsToldOfIfItPolls() {
		assertThat(TestWorker.warningsOf(runner.withUserConfiguration(Poller.class).withPropertyValues("polls=false")))
			.isEmpty();
	}

	@Test
	void scheduledMethodOfTheLeaderIsNotToldOf() {
		assertThat(TestWorker.warningsOf(runner.withUserConfiguration(Ticks.class)).get("scheduled-methods"))
			.contains("tick", "tidy")
			.doesNotContain("leaderOnly");
	}

	@Test
	void launcherWithoutJobsIsNotToldOf() {
		assertThat(TestWorker.warningsOf(launcher)).isEmpty();
	}

	@Test
	void runnerIsToldOfUnlessItFillsADatabaseOfItsOwnProcess() {
		assertThat(TestWorker.warningsOf(
				database.withUserConfiguration(GreetingRunner.class).withPropertyValues("tomcorn.scheduling=leader")))
			.as("one that may write a file")
			.containsKey("runners");
		assertThat(TestWorker
			.warningsOf(runner.withUserConfiguration(LoadingRunner.class, GreetingRunner.class)
				.withBean(JdbcTemplate.class, () -> mock(JdbcTemplate.class)))
			.get("runners")).as("each of several").contains("'load'").contains("', '");
		assertThat(TestWorker.warningsOf(database.withUserConfiguration(LoadingRunner.class)))
			.as("a database of each worker")
			.doesNotContainKey("runners");
	}

	@Test
	void groupInstanceIdIsToldOfUnlessItHasTheIndexOfItsWorker() {
		assertThat(TestWorker.warningsOf(consumer("shop-12"))).as("with another number").isNotEmpty();
		assertThat(TestWorker.warningsOf(consumer(null))).isEmpty();
		assertThat(TestWorker.ofFleet(1).warnings(consumer("shop"))).isEmpty();
	}

	@Test
	void stateDirectoryOfKafkaStreamsIsToldOfIfThereIsState() {
		ApplicationContextRunner counts = runner.withUserConfiguration(Counts.class);
		assertThat(TestWorker.ofFleet(1).warnings(counts)).containsKey("streams-state");
		assertThat(TestWorker.warningsOf(counts.withPropertyValues("state=/var/lib/app"))).isNotEmpty();
		assertThat(TestWorker.warningsOf(counts.withPropertyValues("counts=false"))).isEmpty();
	}

	@Test
	void clientIdThatDiffersByItselfIsNotToldOf() {
		assertThat(TestWorker.warningsOf(connections("shop-7b3d02f9-c259-45d7-89c4-b2a6ce4e9b00"))).isEmpty();
		assertThat(TestWorker.warningsOf(runner.withBean(CachingConnectionFactory.class,
				() -> new CachingConnectionFactory(mock(ConnectionFactory.class)))))
			.isEmpty();
	}

	private static ApplicationContextRunner consumer(String id) {
		Map<String, Object> properties = (id != null) ? Map.of(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, id) : Map.of();
		return runner.withBean(ConsumerFactory.class, () -> new DefaultKafkaConsumerFactory<>(properties));
	}

	private static ApplicationContextRunner connections(String clientId) {
		return runner.withBean(CachingConnectionFactory.class, () -> {
			CachingConnectionFactory factory = new CachingConnectionFactory(mock(ConnectionFactory.class));
			factory.setClientId(clientId);
			return factory;
		});
	}

	@Configuration(proxyBeanMethods = false)
	@EnableScheduling
	@AutoConfigurationPackage(basePackageClasses = BackgroundWarningsTests.class)
	static class Ticks {

		@Scheduled(fixedDelay = 1, timeUnit = TimeUnit.HOURS)
		void tick() {
		}

		@Scheduled(cron = "0 0 3 * * *")
		void tidy() {
		}

		@LeaderOnly
		@Scheduled(cron = "0 0 4 * * *")
		void leaderOnly() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		@Bean
		JobDetail job() {
			return JobBuilder.newJob(Job.class).withIdentity("never").storeDurably().build();
		}

		@Bean
		Trigger trigger(JobDetail job) {
			return TriggerBuilder.newTrigger()
				.forJob(job)
				.startAt(Date.from(Instant.now().plusSeconds(3600)))
				.withSchedule(SimpleScheduleBuilder.repeatHourlyForever())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TaskSchedulingAutoConfiguration.class, IntegrationAutoConfiguration.class })
	static class Poller {

		@Bean
		IntegrationFlow flow(Environment environment) {
			return IntegrationFlow
				.fromSupplier(() -> "order",
						(endpoint) -> endpoint.autoStartup(environment.getProperty("polls", Boolean.class, true))
							.poller(Pollers.fixedDelay(60_000)))
				.handle((_) -> {
				})
				.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackageClasses = BackgroundWarningsTests.class)
	static class LoadingRunner {

		@Bean
		Loader loader(JdbcTemplate jdbc) {
			return new Loader(jdbc);
		}

		@Bean
		CommandLineRunner load(Loader loader) {
			return (_) -> loader.load();
		}

	}

	record Loader(JdbcTemplate jdbc) {

		void load() {
			this.jdbc.update("insert into article values (1)");
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackageClasses = BackgroundWarningsTests.class)
	static class GreetingRunner {

		@Bean
		CommandLineRunner greet() {
			return (_) -> {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "com.example")
	static class LibraryRunner {

		@Bean
		CommandLineRunner load(JdbcTemplate jdbc) {
			return (_) -> jdbc.update("insert into article values (1)");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Counts {

		@Bean
		StreamsBuilderFactoryBean streams(Environment environment) throws Exception {
			Properties properties = new Properties();
			properties.put("application.id", "shop");
			properties.put("bootstrap.servers", "localhost:1");
			properties.put("default.key.serde", Serdes.StringSerde.class.getName());
			properties.put("default.value.serde", Serdes.StringSerde.class.getName());
			String state = environment.getProperty("state");
			if (state != null) {
				properties.put("state.dir", state);
			}
			StreamsBuilderFactoryBean factory = new StreamsBuilderFactoryBean();
			factory.setStreamsConfiguration(properties);
			factory.setAutoStartup(false);
			factory.setInfrastructureCustomizer(new KafkaStreamsInfrastructureCustomizer() {

				@Override
				public void configureBuilder(StreamsBuilder builder) {
					var orders = builder.<String, String>stream("orders");
					if (environment.getProperty("counts", Boolean.class, true)) {
						orders.groupByKey().count();
					}
					else {
						orders.to("copies");
					}
				}

			});
			return factory;
		}

	}

}
