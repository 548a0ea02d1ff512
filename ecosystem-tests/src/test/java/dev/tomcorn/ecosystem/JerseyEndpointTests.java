package dev.tomcorn.ecosystem;

import java.net.http.HttpResponse;
import java.util.List;

import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.jackson2.autoconfigure.Jackson2AutoConfiguration;
import org.springframework.boot.jersey.autoconfigure.JerseyAutoConfiguration;
import org.springframework.boot.jersey.autoconfigure.ResourceConfigCustomizer;
import org.springframework.boot.jersey.autoconfigure.actuate.web.ManagementContextResourceConfigCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the fleet's endpoint if Jersey serves it.
 */
class JerseyEndpointTests {

	@Test
	void everyClientGetsWhatItAsksFor() throws Exception {
		try (EndpointServer server = new EndpointServer(Jersey.class)) {
			for (String accept : List.of("text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
					"text/html, application/json;q=0.5")) {
				HttpResponse<String> page = server.send(server.request().header("Accept", accept));
				assertThat(page.statusCode()).as(accept).isEqualTo(200);
				assertThat(page.headers().firstValue("Content-Type")).as(accept).hasValue("text/html;charset=UTF-8");
				assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
					.startsWith("default-src 'none'");
				assertThat(page.body()).as(accept).startsWithIgnoringCase("<!doctype html>");
			}
			for (String accept : List.of("application/json", "*/*", "application/vnd.spring-boot.actuator.v3+json")) {
				HttpResponse<String> json = server.send(server.request().header("Accept", accept));
				assertThat(json.statusCode()).as(accept).isEqualTo(200);
				assertThat(json.body()).as(accept).startsWith("{").contains("\"workers\"");
			}
			assertThat(server.send(EndpointServer.reload(server.request())).statusCode()).isEqualTo(409);
		}
	}

	@Configuration(proxyBeanMethods = false)
	// Jersey's starter has it
	@SuppressWarnings("removal")
	@ImportAutoConfiguration({ JerseyAutoConfiguration.class, Jackson2AutoConfiguration.class })
	static class Jersey {

		@Bean
		ResourceConfig resources() {
			return new ResourceConfig();
		}

		/**
		 * Boot defines it if Spring MVC is not on the class path.
		 */
		@Bean
		ResourceConfigCustomizer endpoints(ObjectProvider<ManagementContextResourceConfigCustomizer> customizers) {
			return (config) -> customizers.orderedStream().forEach((customizer) -> customizer.customize(config));
		}

	}

}
