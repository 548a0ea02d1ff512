package dev.tomcorn.ecosystem;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.context.annotation.Configuration;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.session.MapSessionRepository;
import org.springframework.web.servlet.config.annotation.EnableWebMvc;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the warnings of state in memory.
 */
class StateWarningsTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner();

	private final ApplicationContextRunner caching = this.runner
		.withConfiguration(AutoConfigurations.of(CacheAutoConfiguration.class, AopAutoConfiguration.class))
		.withUserConfiguration(Caching.class);

	@Test
	void cacheThatIsWrittenIsToldOf() {
		assertThat(TestWorker
			.warningsOf(this.caching.withPropertyValues("spring.cache.type=simple").withBean(EvictingPrices.class)))
			.containsOnlyKeys("cache-writes");
		assertThat(TestWorker
			.warningsOf(this.caching.withPropertyValues("spring.cache.type=caffeine").withBean(EvictingPrices.class)))
			.containsOnlyKeys("cache-writes");
	}

	@Test
	void cacheThatIsOnlyReadIsNotNorOneThatIsNone() {
		assertThat(TestWorker
			.warningsOf(this.caching.withPropertyValues("spring.cache.type=caffeine").withBean(ReadPrices.class)))
			.isEmpty();
		assertThat(TestWorker
			.warningsOf(this.caching.withPropertyValues("spring.cache.type=none").withBean(EvictingPrices.class)))
			.isEmpty();
	}

	@Test
	void stompBrokerInMemoryIsToldOf() {
		WebApplicationContextRunner web = new WebApplicationContextRunner();
		assertThat(TestWorker.warningsOf(web.withUserConfiguration(SimpleBroker.class)))
			.containsOnlyKeys("stomp-broker");
		assertThat(TestWorker.warningsOf(web)).isEmpty();
	}

	@Test
	void sessionRepositoryInMemoryIsToldOf() {
		assertThat(TestWorker.warningsOf(this.runner.withBean(MapSessionRepository.class,
				() -> new MapSessionRepository(new ConcurrentHashMap<>()))))
			.containsOnlyKeys("session-repository");
	}

	@Test
	void rateLimiterIsToldOfIfThereIsOne() {
		assertThat(TestWorker.warningsOf(this.runner
			.withBean(io.github.resilience4j.ratelimiter.RateLimiterRegistry.class, () -> () -> List.of("api"))))
			.containsOnlyKeys("rate-limits");
		assertThat(TestWorker.warningsOf(
				this.runner.withBean(io.github.resilience4j.ratelimiter.RateLimiterRegistry.class, () -> List::of)))
			.isEmpty();
	}

	@Test
	void mcpServerWithSessionsIsToldOf() {
		ApplicationContextRunner mcp = this.runner.withBean(io.modelcontextprotocol.server.McpSyncServer.class);
		assertThat(TestWorker.warningsOf(mcp)).hasEntrySatisfying("mcp-sessions",
				(text) -> assertThat(text).contains("spring.ai.mcp.server.protocol=STATELESS"));
		assertThat(TestWorker.warningsOf(mcp.withPropertyValues("spring.ai.mcp.server.stdio=true"))).isEmpty();
	}

	@Test
	void republicationOfEventsIsToldOf() {
		ApplicationContextRunner modulith = this.runner
			.withPropertyValues("spring.modulith.events.republish-outstanding-events-on-restart=true");
		assertThat(TestWorker.ofFleet(1).warnings(modulith)).containsOnlyKeys("event-republication");
		assertThat(TestWorker.warningsOf(this.runner)).isEmpty();
		assertThat(TestWorker
			.warningsOf(modulith.withClassLoader(new FilteredClassLoader("org.springframework.modulith"))))
			.as("without Modulith")
			.isEmpty();
	}

	@Test
	void storeInMemoryIsToldOf() {
		assertThat(TestWorker.warningsOf(
				this.runner.withBean("locks", net.javacrumbs.shedlock.provider.inmemory.InMemoryLockProvider.class)))
			.hasEntrySatisfying("memory-stores",
					(text) -> assertThat(text).contains("InMemoryLockProvider of bean 'locks'"));
	}

	@Test
	void warningOfStateIsForSeveralWorkersOnly() {
		assertThat(TestWorker.ofFleet(1)
			.warnings(this.caching.withPropertyValues("spring.cache.type=simple").withBean(EvictingPrices.class)))
			.isEmpty();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableCaching
	static class Caching {

	}

	static class ReadPrices {

		@Cacheable("prices")
		public int price(int article) {
			return article;
		}

	}

	static class EvictingPrices extends ReadPrices {

		@CacheEvict("prices")
		public void change(int article) {
			// Forgotten
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableWebMvc
	@EnableWebSocketMessageBroker
	static class SimpleBroker implements WebSocketMessageBrokerConfigurer {

		@Override
		public void configureMessageBroker(MessageBrokerRegistry registry) {
			registry.enableSimpleBroker("/topic");
		}

		@Override
		public void registerStompEndpoints(StompEndpointRegistry registry) {
			registry.addEndpoint("/stomp");
		}

	}

}
