package dev.tomcorn.ecosystem;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.converter.autoconfigure.HttpMessageConvertersAutoConfiguration;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
import org.springframework.boot.security.autoconfigure.actuate.web.servlet.ManagementWebSecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.error.ErrorMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.web.SecurityFilterChain;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the operations of the fleet's endpoint behind Spring Security. Solo, an
 * operation that passes is answered with 409.
 */
class SecuredEndpointTests {

	/**
	 * An application with Boot's own configuration.
	 */
	private static EndpointServer ofBoot;

	@BeforeAll
	static void start() {
		ofBoot = new EndpointServer(Secured.class);
	}

	@AfterAll
	static void stop() {
		ofBoot.close();
	}

	private static HttpResponse<String> token(EndpointServer server) throws Exception {
		return server.send(server.authorized().header("Tomcorn-Csrf-Wanted", "true"));
	}

	/**
	 * Send the same headers back as the page's script.
	 */
	private static HttpRequest.Builder withToken(HttpRequest.Builder request, HttpResponse<String> told) {
		return withCookies(request, told).header(told.headers().firstValue("Tomcorn-Csrf-Header").orElseThrow(),
				told.headers().firstValue("Tomcorn-Csrf-Token").orElseThrow());
	}

	private static HttpRequest.Builder withCookies(HttpRequest.Builder request, HttpResponse<String> told) {
		return request.header("Cookie",
				told.headers()
					.allValues("Set-Cookie")
					.stream()
					.map((cookie) -> cookie.split(";", 2)[0])
					.collect(Collectors.joining("; ")));
	}

	@Test
	void pageKnowsTheTokenOfBootsOwnConfigurationAndAnotherClientIsToldWhatItLacks() throws Exception {
		HttpResponse<String> refused = ofBoot.send(EndpointServer.reload(ofBoot.authorized()));
		assertThat(refused.statusCode()).isEqualTo(403);
		assertThat(new JsonMapper().readTree(refused.body()).path("message").asString()).contains("no valid CSRF token",
				"Behind Spring Security");
		HttpResponse<String> told = token(ofBoot);
		assertThat(ofBoot.send(EndpointServer.reload(withToken(ofBoot.authorized(), told))).statusCode())
			.isEqualTo(409);
		HttpResponse<String> wrong = ofBoot
			.send(EndpointServer.reload(withCookies(ofBoot.authorized(), told)).header("X-CSRF-TOKEN", "guessed"));
		assertThat(wrong.statusCode()).isEqualTo(403);
		HttpResponse<String> anonymous = ofBoot.send(ofBoot.request().header("Tomcorn-Csrf-Wanted", "true"));
		assertThat(anonymous.statusCode()).isEqualTo(401);
		assertThat(anonymous.headers().firstValue("Tomcorn-Csrf-Token")).isEmpty();
	}

	/**
	 * A session for each scrape would fill the memory.
	 */
	@Test
	void noTokenIsMadeForWhoeverDoesNotWantOne() throws Exception {
		HttpResponse<String> answer = ofBoot.send(ofBoot.authorized());
		assertThat(answer.statusCode()).isEqualTo(200);
		assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
		assertThat(answer.headers().firstValue("Tomcorn-Csrf-Token")).isEmpty();
	}

	@Test
	void pageOfASinglePageApplicationSendsTheCookieBack() throws Exception {
		try (EndpointServer server = new EndpointServer(Secured.class, SinglePage.class)) {
			HttpResponse<String> told = token(server);
			String cookie = told.headers().firstValue("Set-Cookie").orElseThrow();
			assertThat(cookie).startsWith("XSRF-TOKEN=").doesNotContainIgnoringCase("httponly");
			HttpRequest.Builder request = withCookies(server.authorized(), told).header("X-XSRF-TOKEN",
					cookie.substring("XSRF-TOKEN=".length(), cookie.indexOf(';')));
			assertThat(server.send(EndpointServer.reload(request)).statusCode()).isEqualTo(409);
		}
	}

	@Test
	void configurationOfTheGuideLetsAClientInThatHasNoToken() throws Exception {
		try (EndpointServer server = new EndpointServer(Secured.class, OfTheGuide.class)) {
			assertThat(server.send(EndpointServer.reload(server.authorized())).statusCode()).isEqualTo(409);
			assertThat(server.send(EndpointServer.reload(server.request())).statusCode()).isEqualTo(401);
			assertThat(server
				.send(server.authorized()
					.header("Content-Type", "text/plain")
					.POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"reload\"}")))
				.statusCode()).as("what another site's form can send").isEqualTo(415);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ SecurityAutoConfiguration.class, UserDetailsServiceAutoConfiguration.class,
			ManagementWebSecurityAutoConfiguration.class, ServletWebSecurityAutoConfiguration.class,
			SecurityFilterAutoConfiguration.class, DispatcherServletAutoConfiguration.class,
			WebMvcAutoConfiguration.class, ErrorMvcAutoConfiguration.class, JacksonAutoConfiguration.class,
			HttpMessageConvertersAutoConfiguration.class })
	static class Secured {

	}

	@Configuration(proxyBeanMethods = false)
	static class SinglePage {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) throws Exception {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.httpBasic(Customizer.withDefaults())
				.csrf((csrf) -> csrf.spa())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfTheGuide {

		@Bean
		@Order(0)
		SecurityFilterChain endpoints(HttpSecurity http) throws Exception {
			return http.securityMatcher(EndpointRequest.toAnyEndpoint())
				.authorizeHttpRequests((requests) -> requests.requestMatchers(EndpointRequest.to("health"))
					.permitAll()
					.anyRequest()
					.authenticated())
				.httpBasic(Customizer.withDefaults())
				.sessionManagement((session) -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
				.csrf((csrf) -> csrf.ignoringRequestMatchers(EndpointRequest.to("workers", "loggers")))
				.build();
		}

	}

}
