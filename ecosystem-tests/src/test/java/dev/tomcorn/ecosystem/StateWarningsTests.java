package dev.tomcorn.ecosystem;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import com.github.benmanes.caffeine.jcache.spi.CaffeineCachingProvider;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.junit.jupiter.api.Test;

import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.model.chat.memory.autoconfigure.ChatMemoryAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.aop.AopAutoConfiguration;
import org.springframework.boot.cache.autoconfigure.CacheAutoConfiguration;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.cache.annotation.CacheEvict;
import org.springframework.cache.annotation.Cacheable;
import org.springframework.cache.annotation.EnableCaching;
import org.springframework.cache.jcache.JCacheCacheManager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.session.MapSessionRepository;
import org.springframework.session.SessionRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for the warnings of state in memory.
 */
class StateWarningsTests {

	private static final ApplicationContextRunner runner = new ApplicationContextRunner();

	private static final ApplicationContextRunner caching = runner
		.withConfiguration(AutoConfigurations.of(CacheAutoConfiguration.class, AopAutoConfiguration.class))
		.withUserConfiguration(Caching.class);

	static Stream<WarningExample> examples() {
		ApplicationContextRunner caffeine = caching.withPropertyValues("spring.cache.type=caffeine");
		ApplicationContextRunner chat = runner
			.withConfiguration(AutoConfigurations.of(ChatMemoryAutoConfiguration.class));
		ApplicationContextRunner mcp = runner.withBean(io.modelcontextprotocol.server.McpSyncServer.class);
		return Stream.of(
				WarningExample.of(caffeine.withBean(EvictingPrices.class), caffeine.withBean(ReadPrices.class),
						"cache-writes"),
				WarningExample.of(page("app.session=true"), page("app.session=false"), "sessions"),
				WarningExample.of(
						runner.withBean(SessionRepository.class,
								() -> new MapSessionRepository(new ConcurrentHashMap<>())),
						runner.withBean(SessionRepository.class, () -> mock(SessionRepository.class)),
						"session-repository"),
				WarningExample.of(limiters("api"), limiters(), "rate-limits"),
				WarningExample
					.of(runner.withBean("locks", net.javacrumbs.shedlock.provider.inmemory.InMemoryLockProvider.class),
							runner, "memory-stores")
					.saying("InMemoryLockProvider of bean 'locks'"),
				WarningExample.of(chat.withBean(Assistant.class), chat, "chat-memory").saying("chatMemory"),
				WarningExample.of(mcp, mcp.withPropertyValues("spring.ai.mcp.server.stdio=true"), "mcp-sessions")
					.saying("spring.ai.mcp.server.protocol=STATELESS"),
				WarningExample.of(runner.withBean(com.vaadin.flow.spring.SpringBootAutoConfiguration.class), runner,
						"vaadin"));
	}

	private static WebApplicationContextRunner page(String property) {
		return new WebApplicationContextRunner(AnnotationConfigServletWebServerApplicationContext::new)
			.withConfiguration(AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class))
			.withPropertyValues("server.port=0", "server.address=127.0.0.1", property)
			.withUserConfiguration(Page.class);
	}

	private static ApplicationContextRunner limiters(String... names) {
		return runner.withBean(io.github.resilience4j.ratelimiter.RateLimiterRegistry.class,
				() -> () -> List.of(names));
	}

	@Test
	void cacheOfBootIsToldOfAndOneThatIsNoneIsNot() {
		assertThat(TestWorker
			.warningsOf(caching.withPropertyValues("spring.cache.type=simple").withBean(EvictingPrices.class)))
			.containsOnlyKeys("cache-writes");
		assertThat(TestWorker
			.warningsOf(caching.withPropertyValues("spring.cache.type=none").withBean(EvictingPrices.class))).isEmpty();
	}

	@Test
	void cacheOfAnotherProviderOfJCacheMayBeShared() {
		assertThat(TestWorker.warningsOf(jCache(new CaffeineCachingProvider().getCacheManager())))
			.containsOnlyKeys("cache-writes");
		assertThat(TestWorker.warningsOf(jCache(mock(javax.cache.CacheManager.class)))).isEmpty();
	}

	private static ApplicationContextRunner jCache(javax.cache.CacheManager provider) {
		return caching.withBean(JCacheCacheManager.class, () -> new JCacheCacheManager(provider))
			.withBean(EvictingPrices.class);
	}

	@Test
	void warningOfStateIsForSeveralWorkersOnly() {
		assertThat(TestWorker.ofFleet(1)
			.warnings(caching.withPropertyValues("spring.cache.type=simple").withBean(EvictingPrices.class))).isEmpty();
	}

	/**
	 * A page with or without a session, which a client requests when the application is
	 * ready.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Page {

		@Bean
		ServletRegistrationBean<HttpServlet> page(Environment environment) {
			boolean session = environment.getRequiredProperty("app.session", boolean.class);
			return new ServletRegistrationBean<>(new HttpServlet() {

				private static final long serialVersionUID = 1L;

				@Override
				protected void service(HttpServletRequest request, HttpServletResponse response) {
					request.getSession(session);
				}

			}, "/");
		}

		@EventListener
		void ready(ApplicationReadyEvent event) throws Exception {
			WebServerApplicationContext application = (WebServerApplicationContext) event.getApplicationContext();
			int port = Objects.requireNonNull(application.getWebServer()).getPort();
			try (HttpClient client = HttpClient.newHttpClient()) {
				HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port)).build();
				assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode()).isEqualTo(200);
			}
		}

	}

	record Assistant(ChatMemory memory) {
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

}
