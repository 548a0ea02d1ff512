package dev.tomcorn.ecosystem;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import dev.tomcorn.Leadership;
import dev.tomcorn.LeadershipAcquiredEvent;
import dev.tomcorn.LeadershipLostEvent;
import dev.tomcorn.Worker;
import dev.tomcorn.ecosystem.TestFleet.Member;
import dev.tomcorn.leader.BackgroundAutoConfiguration;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.MessageListener;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerMetaData;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;

import org.springframework.amqp.core.AnonymousQueue;
import org.springframework.amqp.rabbit.listener.SimpleMessageListenerContainer;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.integration.autoconfigure.IntegrationAutoConfiguration;
import org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.integration.dsl.IntegrationFlow;
import org.springframework.integration.dsl.Pollers;
import org.springframework.integration.endpoint.SourcePollingChannelAdapter;
import org.springframework.jms.listener.DefaultMessageListenerContainer;
import org.springframework.kafka.annotation.EnableKafka;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.config.StreamsBuilderFactoryBean;
import org.springframework.kafka.core.ConsumerFactory;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.scheduling.quartz.SchedulerFactoryBean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

/**
 * Tests for work that applications start by themselves, in the workers of a fleet.
 */
class BackgroundStarterTests extends AbstractFleetTests {

	private static final List<String> LEADER = List.of("tomcorn.scheduling=leader", "spring.quartz.auto-startup=true");

	private static final List<String> ALL = List.of();

	@Test
	void firstWorkerListensAsUnderPlainBoot() {
		Member first = boot(ALL, Listeners.class);
		assertThat(listener(first, "orders").isRunning()).isTrue();
		assertThat(listener(first, "manual").isRunning()).isFalse();
	}

	@Test
	void anotherWorkerListensWhenItServes() {
		boot(ALL, Listeners.class).serve();
		Member second = boot(ALL, Listeners.class);
		assertThat(listener(second, "orders").isRunning()).isFalse();
		second.serve();
		await(() -> listener(second, "orders").isRunning());
		assertThat(listener(second, "orders").isAutoStartup()).isTrue();
		assertThat(listener(second, "manual").isRunning()).as("one that does not start by itself").isFalse();
	}

	@Test
	void listenerWithAGroupOfItsOwnTakesNothingFromOthers() {
		boot(ALL, Listeners.class).serve();
		assertThat(listener(boot(ALL, Listeners.class), "changes").isRunning()).isTrue();
	}

	@Test
	void listenerBeanIsHeldBackUnlessItIsASubscription() {
		boot(ALL).serve();
		Member second = boot(ALL, JmsContainers.class);
		assertThat(second.context.getBean("queue", DefaultMessageListenerContainer.class).isAutoStartup()).isFalse();
		assertThat(second.context.getBean("topic", DefaultMessageListenerContainer.class).isAutoStartup()).isTrue();
		assertThat(second.context.getBean("other", Other.class).isRunning()).as("a bean of another kind").isTrue();
		second.serve();
		await(() -> second.context.getBean("queue", DefaultMessageListenerContainer.class).isRunning());
	}

	@Test
	void queueIsHeldBackUnlessItIsOfThisProcess() {
		boot(ALL).serve();
		Member second = boot(ALL, RabbitContainers.class);
		assertThat(second.context.getBean("shared", SimpleMessageListenerContainer.class).isAutoStartup()).isFalse();
		assertThat(second.context.getBean("anonymous", SimpleMessageListenerContainer.class).isAutoStartup()).isTrue();
	}

	@Test
	void listenersOfUnknownLibrariesAreHeldBack() {
		boot(ALL).serve();
		Member second = boot(ALL, AcmeListeners.class);
		AcmeMessageListenerContainer bean = second.context.getBean(AcmeMessageListenerContainer.class);
		AcmeListenerContainerRegistry registry = second.context.getBean(AcmeListenerContainerRegistry.class);
		assertThat(bean.isRunning()).isFalse();
		assertThat(registry.getListenerContainers()).noneMatch(AcmeMessageListenerContainer::isRunning);
		second.serve();
		await(() -> bean.isRunning()
				&& registry.getListenerContainers().stream().allMatch(AcmeMessageListenerContainer::isRunning));
	}

	@Test
	void contextThatIsStoppedAndStartedAgainHasItsListeners() {
		boot(ALL, Listeners.class).serve();
		Member second = boot(ALL, Listeners.class).serve();
		await(() -> listener(second, "orders").isRunning());
		second.context.stop();
		second.context.start();
		assertThat(listener(second, "orders").isAutoStartup()).isTrue();
		assertThat(listener(second, "orders").isRunning()).isTrue();
	}

	@Test
	void streamsOfAnotherWorkerWait() {
		boot(ALL).serve();
		Member second = boot(ALL, Streams.class);
		assertThat(second.context.getBean(StreamsBuilderFactoryBean.class).isAutoStartup()).isFalse();
	}

	@Test
	void applicationThatHasStartedAListenerKeepsIt() {
		boot(ALL, Listeners.class).serve();
		Member second = boot(ALL, Listeners.class);
		listener(second, "orders").start();
		second.serve();
		second.drain();
		await(() -> !listener(second, "orders").isRunning());
	}

	@Test
	void listenersStopWhenTheDrainBegins() {
		Member first = boot(ALL, Listeners.class).serve();
		listener(first, "manual").start();
		first.drain();
		await(() -> !listener(first, "orders").isRunning());
		assertThat(listener(first, "manual").isRunning()).as("what the application has started").isTrue();
	}

	@Test
	void listenerThatCannotStartIsTriedAgain() {
		boot(ALL).serve();
		Member second = boot(ALL, Failing.class);
		second.serve();
		await(() -> second.context.getBean(FailingContainer.class).isRunning());
		assertThat(second.context.getBean(FailingContainer.class).attempts).isEqualTo(2);
	}

	@Test
	void workerThatEndsBeforeItServesStartsNothing() {
		boot(ALL).serve();
		Member second = boot(ALL, Listeners.class);
		second.drain();
		second.serve();
		assertThat(listener(second, "orders").isRunning()).isFalse();
	}

	@Test
	void pollerPollsInTheLeader() {
		Member first = boot(LEADER, Inbox.class).serve();
		assertThat(poller(first).isRunning()).isFalse();
		lead(first, true);
		await(() -> first.context.getBean(Inbox.class).handled.get() > 1);
	}

	@Test
	void leaderStaysUntilWhatWasPolledIsHandled() throws InterruptedException {
		Member first = boot(LEADER, Inbox.class).serve();
		Inbox inbox = first.context.getBean(Inbox.class);
		CountDownLatch handling = new CountDownLatch(1);
		CountDownLatch end = new CountDownLatch(1);
		inbox.handler = () -> {
			handling.countDown();
			end.await();
			return null;
		};
		lead(first, true);
		handling.await();
		Switch leadership = first.context.getBean(Switch.class);
		assertThat(leadership.holds.get()).isOne();
		leadership.leader = false;
		first.context.publishEvent(new LeadershipLostEvent(mock(Worker.class)));
		assertThat(leadership.holds.get()).as("while the poll goes on").isOne();
		inbox.handler = () -> null;
		int before = inbox.handled.get();
		end.countDown();
		await(() -> leadership.holds.get() == 0);
		assertThat(inbox.handled.get()).as("polls by what leads no more").isEqualTo(before);
	}

	@Test
	void everyWorkerPollsUnlessTheLeaderSchedules() {
		boot(ALL, Inbox.class).serve();
		Member second = boot(ALL, Inbox.class);
		assertThat(poller(second).isRunning()).isTrue();
	}

	@Test
	void schedulerInMemoryRunsInTheLeaderAndItsJobsKeepTheLeadership() throws Exception {
		Member first = boot(LEADER, QuartzAutoConfiguration.class, Jobs.class).serve();
		SchedulerFactoryBean quartz = first.context.getBean(SchedulerFactoryBean.class);
		assertThat(quartz.isRunning()).isFalse();
		Jobs.reset();
		lead(first, true);
		Jobs.running.await();
		Thread resignation = Thread.startVirtualThread(() -> lead(first, false));
		await(() -> !quartz.isRunning());
		assertThat(resignation.join(Duration.ofMillis(100))).as("resigned while a job runs").isFalse();
		Jobs.end.countDown();
		assertThat(resignation.join(PATIENCE)).isTrue();
	}

	@Test
	void schedulerWithADelayDoesNotStartInAWorkerThatLeadsNoMore() {
		List<String> properties = List.of("tomcorn.scheduling=leader", "spring.quartz.auto-startup=true",
				"spring.quartz.startup-delay=1s");
		Member first = boot(properties, QuartzAutoConfiguration.class, Jobs.class).serve();
		SchedulerFactoryBean quartz = first.context.getBean(SchedulerFactoryBean.class);
		lead(first, true);
		lead(first, false);
		await(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().equals("tomcorn-background")
					|| thread.getName().equals("Quartz Scheduler [quartzScheduler]")));
		assertThat(quartz.isRunning()).isFalse();
	}

	@Test
	void schedulerWithADelayStartsInTheLeader() {
		Jobs.reset();
		Jobs.end.countDown();
		List<String> properties = List.of("tomcorn.scheduling=leader", "spring.quartz.auto-startup=true",
				"spring.quartz.startup-delay=1s");
		Member first = boot(properties, QuartzAutoConfiguration.class, Jobs.class).serve();
		SchedulerFactoryBean quartz = first.context.getBean(SchedulerFactoryBean.class);
		lead(first, true);
		assertThat(quartz.isRunning()).isFalse();
		await(quartz::isRunning);
	}

	/**
	 * Quartz continues with a trigger that is due within 70 ms.
	 */
	@Test
	void jobThatBeginsWhileTheSchedulerStopsKeepsTheLeadership() {
		Member first = boot(LEADER, LastJob.class).serve();
		LastJob scheduler = first.context.getBean(LastJob.class);
		lead(first, true);
		await(() -> scheduler.running);
		lead(first, false);
		assertThat(scheduler.running).isFalse();
		assertThat(Duration.ofNanos(scheduler.askedAt - scheduler.stoppedAt)).isGreaterThan(Duration.ofMillis(70));
	}

	@Test
	void schedulerRunsInEveryWorkerUnlessTheLeaderSchedules() {
		Jobs.reset();
		Jobs.end.countDown();
		Member first = boot(ALL, QuartzAutoConfiguration.class, Jobs.class);
		assertThat(first.context.getBean(SchedulerFactoryBean.class).isRunning()).isTrue();
	}

	@Test
	void schedulerOfAClusterRunsInEveryWorker() {
		Member first = boot(LEADER, Cluster.class);
		assertThat(first.context.getBean(SchedulerFactoryBean.class).isAutoStartup()).isTrue();
	}

	private Member boot(List<String> properties, Class<?>... configurations) {
		Class<?>[] all = Stream
			.concat(Stream.of(BackgroundAutoConfiguration.class, Switch.class), Stream.of(configurations))
			.toArray(Class<?>[]::new);
		return this.fleet.boot(properties, all);
	}

	private static void lead(Member member, boolean leader) {
		member.context.getBean(Switch.class).leader = leader;
		member.context.publishEvent(
				leader ? new LeadershipAcquiredEvent(mock(Worker.class)) : new LeadershipLostEvent(mock(Worker.class)));
	}

	private static MessageListenerContainer listener(Member member, String id) {
		MessageListenerContainer container = member.context.getBean(KafkaListenerEndpointRegistry.class)
			.getListenerContainer(id);
		assertThat(container).isNotNull();
		return container;
	}

	private static SourcePollingChannelAdapter poller(Member member) {
		return member.context.getBean(SourcePollingChannelAdapter.class);
	}

	static class Switch implements Leadership {

		final AtomicInteger holds = new AtomicInteger();

		volatile boolean leader;

		@Override
		public boolean isLeader() {
			return this.leader;
		}

		@Override
		public @Nullable Hold hold() {
			if (!this.leader) {
				return null;
			}
			this.holds.incrementAndGet();
			return this.holds::decrementAndGet;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class AcmeListeners {

		@Bean
		AcmeMessageListenerContainer acmeContainer() {
			return new AcmeMessageListenerContainer();
		}

		@Bean
		AcmeListenerContainerRegistry acmeRegistry() {
			return new AcmeListenerContainerRegistry();
		}

	}

	static class AcmeMessageListenerContainer extends Other {

		private boolean autoStartup = true;

		@Override
		public boolean isAutoStartup() {
			return this.autoStartup;
		}

		public void setAutoStartup(boolean autoStartup) {
			this.autoStartup = autoStartup;
		}

	}

	/**
	 * Has its own containers, and starts those with automatic startup.
	 */
	static class AcmeListenerContainerRegistry implements SmartLifecycle {

		private final List<AcmeMessageListenerContainer> containers = List.of(new AcmeMessageListenerContainer());

		public List<AcmeMessageListenerContainer> getListenerContainers() {
			return this.containers;
		}

		@Override
		public void start() {
			this.containers.stream()
				.filter(AcmeMessageListenerContainer::isAutoStartup)
				.forEach(AcmeMessageListenerContainer::start);
		}

		@Override
		public void stop() {
			this.containers.forEach(AcmeMessageListenerContainer::stop);
		}

		@Override
		public boolean isRunning() {
			return this.containers.stream().anyMatch(AcmeMessageListenerContainer::isRunning);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableKafka
	static class Listeners {

		@Bean
		ConcurrentKafkaListenerContainerFactory<String, String> kafkaListenerContainerFactory() {
			ConcurrentKafkaListenerContainerFactory<String, String> factory = new ConcurrentKafkaListenerContainerFactory<>();
			factory.setConsumerFactory(consumers());
			return factory;
		}

		@SuppressWarnings("unchecked")
		private static ConsumerFactory<String, String> consumers() {
			ConsumerFactory<String, String> factory = mock(ConsumerFactory.class);
			willAnswer((_) -> {
				Consumer<String, String> consumer = mock(Consumer.class);
				given(consumer.poll(any(Duration.class))).willAnswer((_) -> {
					LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
					return ConsumerRecords.empty();
				});
				return consumer;
			}).given(factory).createConsumer(any(), any(), any(), any());
			return factory;
		}

		@KafkaListener(id = "orders", topics = "orders")
		void order(String order) {
			// Taken
		}

		@KafkaListener(id = "changes", topics = "changes", groupId = "#{T(java.util.UUID).randomUUID().toString()}",
				idIsGroup = false)
		void change(String change) {
			// Noticed
		}

		@KafkaListener(id = "manual", topics = "manual", autoStartup = "false")
		void manual(String order) {
			// Taken
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Streams {

		@Bean
		StreamsBuilderFactoryBean streams() {
			StreamsBuilderFactoryBean factory = new StreamsBuilderFactoryBean();
			Properties properties = new Properties();
			properties.put("application.id", "shop");
			properties.put("bootstrap.servers", "localhost:1");
			factory.setStreamsConfiguration(properties);
			return factory;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class JmsContainers {

		@Bean
		DefaultMessageListenerContainer queue() {
			return container(false);
		}

		@Bean
		DefaultMessageListenerContainer topic() {
			return container(true);
		}

		private static DefaultMessageListenerContainer container(boolean topic) {
			DefaultMessageListenerContainer container = new DefaultMessageListenerContainer();
			container.setConnectionFactory(mock(ConnectionFactory.class));
			container.setDestinationName("orders");
			container.setPubSubDomain(topic);
			container.setMessageListener((MessageListener) (_) -> {
			});
			return container;
		}

		@Bean
		Other other() {
			return new Other();
		}

	}

	static class Other implements SmartLifecycle {

		private volatile boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		FailingContainer failing() {
			return new FailingContainer();
		}

	}

	static class FailingContainer extends Other implements MessageListenerContainer {

		private volatile boolean autoStartup = true;

		private volatile int attempts;

		@Override
		public void start() {
			this.attempts++;
			if (this.attempts == 1) {
				throw new IllegalStateException("The broker is not there");
			}
			super.start();
		}

		@Override
		public boolean isAutoStartup() {
			return this.autoStartup;
		}

		public void setAutoStartup(boolean autoStartup) {
			this.autoStartup = autoStartup;
		}

		@Override
		public void setupMessageListener(Object messageListener) {
			// None
		}

		@Override
		public Map<String, Map<MetricName, ? extends Metric>> metrics() {
			return Map.of();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TaskSchedulingAutoConfiguration.class, IntegrationAutoConfiguration.class })
	static class Inbox {

		final AtomicInteger handled = new AtomicInteger();

		volatile Callable<@Nullable Object> handler = () -> null;

		@Bean
		IntegrationFlow flow() {
			return IntegrationFlow.fromSupplier(() -> "order", (endpoint) -> endpoint.poller(Pollers.fixedDelay(10)))
				.handle((_) -> {
					this.handled.incrementAndGet();
					try {
						this.handler.call();
					}
					catch (Exception ex) {
						Thread.currentThread().interrupt();
					}
				})
				.get();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		static volatile CountDownLatch running = new CountDownLatch(1);

		static volatile CountDownLatch end = new CountDownLatch(1);

		static void reset() {
			running = new CountDownLatch(1);
			end = new CountDownLatch(1);
		}

		@Bean
		JobDetail job() {
			return JobBuilder.newJob(Waiting.class).withIdentity("waiting").storeDurably().build();
		}

		@Bean
		Trigger trigger(JobDetail job) {
			return TriggerBuilder.newTrigger()
				.forJob(job)
				.withSchedule(SimpleScheduleBuilder.repeatSecondlyForever())
				.build();
		}

	}

	public static class Waiting implements Job {

		@Override
		public void execute(JobExecutionContext context) {
			try {
				Jobs.running.countDown();
				Jobs.end.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class LastJob {

		private volatile boolean running;

		private volatile long stoppedAt;

		private volatile long askedAt;

		@Bean
		SchedulerFactoryBean quartz() throws Exception {
			Scheduler scheduler = mock(Scheduler.class);
			given(scheduler.getCurrentlyExecutingJobs()).willAnswer((_) -> {
				this.askedAt = System.nanoTime();
				return List.of();
			});
			return new SchedulerFactoryBean() {

				@Override
				public Scheduler getScheduler() {
					return scheduler;
				}

				@Override
				public void start() {
					LastJob.this.running = true;
				}

				@Override
				public void stop() {
					LastJob.this.running = false;
					LastJob.this.stoppedAt = System.nanoTime();
				}

				@Override
				public boolean isRunning() {
					return LastJob.this.running;
				}

			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RabbitContainers {

		@Bean
		SimpleMessageListenerContainer shared() {
			return container("orders");
		}

		@Bean
		SimpleMessageListenerContainer anonymous() {
			return container(new AnonymousQueue().getName());
		}

		private static SimpleMessageListenerContainer container(String queue) {
			SimpleMessageListenerContainer container = new SimpleMessageListenerContainer(
					mock(org.springframework.amqp.rabbit.connection.ConnectionFactory.class));
			container.setQueueNames(queue);
			container.setMessageListener((_) -> {
			});
			return container;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Cluster {

		@Bean
		SchedulerFactoryBean quartz() throws Exception {
			Scheduler scheduler = mock(Scheduler.class);
			SchedulerMetaData store = mock(SchedulerMetaData.class);
			given(store.isJobStoreClustered()).willReturn(true);
			given(scheduler.getMetaData()).willReturn(store);
			return new SchedulerFactoryBean() {

				@Override
				public Scheduler getScheduler() {
					return scheduler;
				}

			};
		}

	}

}
