package dev.tomcorn.ecosystem;

import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.random.GeneratedPassword;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.servlet.OAuth2ClientWebSecurityAutoConfiguration;
import org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerAutoConfiguration;
import org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerJwtAutoConfiguration;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.ContextRefreshedEvent;
import org.springframework.core.env.Environment;
import org.springframework.security.authentication.ott.OneTimeTokenService;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.session.SessionRegistry;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.oidc.session.OidcSessionRegistry;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.webauthn.management.UserCredentialRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for state that Spring Security keeps in memory or draws at random, with the real
 * library.
 */
class SecurityWarningsTests {

	private static final String GENERATED = "generated-password";

	private static final WebApplicationContextRunner runner = new WebApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(WebMvcAutoConfiguration.class, SecurityAutoConfiguration.class,
				ServletWebSecurityAutoConfiguration.class, UserDetailsServiceAutoConfiguration.class))
		// Without it Boot defines no user if OAuth2 is on the class path
		.withPropertyValues("spring.security.user.name=user");

	private static final WebApplicationContextRunner authorizationServer = runner
		.withConfiguration(AutoConfigurations.of(OAuth2AuthorizationServerAutoConfiguration.class,
				OAuth2AuthorizationServerJwtAutoConfiguration.class))
		.withPropertyValues("spring.security.user.password=mine",
				"spring.security.oauth2.authorizationserver.client.shop.registration.client-id=shop",
				"spring.security.oauth2.authorizationserver.client.shop.registration.client-secret={noop}secret",
				"spring.security.oauth2.authorizationserver.client.shop.registration.client-authentication-methods=client_secret_basic",
				"spring.security.oauth2.authorizationserver.client.shop.registration.authorization-grant-types=client_credentials");

	private static final WebApplicationContextRunner client = runner
		.withConfiguration(AutoConfigurations.of(OAuth2ClientAutoConfiguration.class,
				OAuth2ClientWebSecurityAutoConfiguration.class))
		.withPropertyValues("spring.security.user.password=mine",
				"spring.security.oauth2.client.registration.github.client-id=shop",
				"spring.security.oauth2.client.registration.github.client-secret=secret");

	static Stream<WarningExample> examples() {
		WebApplicationContextRunner rememberMe = runner.withUserConfiguration(RememberMe.class);
		WebApplicationContextRunner oneSession = runner.withUserConfiguration(OneSession.class);
		WebApplicationContextRunner oneTimeTokens = runner.withUserConfiguration(OneTimeTokens.class);
		WebApplicationContextRunner passkeys = runner.withUserConfiguration(Passkeys.class);
		WebApplicationContextRunner backChannel = client.withUserConfiguration(BackChannel.class);
		return Stream.of(
				WarningExample.of(rememberMe, rememberMe.withPropertyValues("app.remember-me=ours"), "remember-me"),
				WarningExample.of(oneSession, with(oneSession, SessionRegistry.class), "session-registry"),
				WarningExample.of(authorizationServer,
						with(authorizationServer, OAuth2AuthorizationService.class).withBean(JWKSource.class,
								() -> keys("2026")),
						"signing-keys", "authorizations"),
				WarningExample.of(oneTimeTokens, with(oneTimeTokens, OneTimeTokenService.class), "one-time-tokens"),
				WarningExample.of(client, client.withUserConfiguration(FormLogin.class), "authorized-clients"),
				WarningExample.of(passkeys, with(passkeys, UserCredentialRepository.class), "passkeys"),
				WarningExample.of(backChannel, with(backChannel, OidcSessionRegistry.class), "oidc-sessions"));
	}

	private static <T> WebApplicationContextRunner with(WebApplicationContextRunner application, Class<T> type) {
		return application.withBean(type, () -> mock(type));
	}

	/**
	 * Start a worker and return the password of Boot's user and the warnings.
	 */
	private static String[] password(TestWorker worker, WebApplicationContextRunner application) {
		String[] password = new String[1];
		Map<String, String> warnings = worker.warnings(application
			.withInitializer((context) -> context.getBeanFactory()
				.addBeanPostProcessor(new GeneratedPassword(worker.process(), context.getBeanFactory())))
			.withInitializer((context) -> context.addApplicationListener((event) -> {
				if (event instanceof ContextRefreshedEvent) {
					password[0] = context.getBean(UserDetailsService.class).loadUserByUsername("user").getPassword();
				}
			})));
		return new String[] { password[0], warnings.get(GENERATED) };
	}

	private static TestWorker worker(Scoreboard fleet, int secret) {
		byte[] bytes = new byte[Scoreboard.SECRET_SIZE];
		bytes[0] = (byte) secret;
		fleet.setSecret(bytes);
		return TestWorker.of(fleet);
	}

	@Test
	void generatedPasswordIsOneForTheFleetAndToldByTheArbiter() {
		Scoreboard fleet = TestWorker.fleet(2);
		String[] first = password(worker(fleet, 1), runner);
		String[] second = password(worker(fleet, 1), runner);
		String[] other = password(worker(TestWorker.fleet(2), 2), runner);
		assertThat(first[0]).startsWith("{noop}").hasSize(6 + 36).isEqualTo(second[0]).isNotEqualTo(other[0]);
		assertThat(first[1]).isEqualTo("Using generated security password: " + first[0].substring(6));
	}

	@Test
	void passwordThatIsSetStaysAndIsNotTold() {
		String[] own = password(worker(TestWorker.fleet(2), 1),
				runner.withPropertyValues("spring.security.user.password=mine"));
		assertThat(own).containsExactly("{noop}mine", null);
	}

	@Test
	void ordinaryApplicationIsNotWarned() {
		assertThat(TestWorker.warningsOf(runner)).isEmpty();
	}

	@Test
	void keyOfRememberMeThatIsDrawnIsToldOfToASingleWorkerToo() {
		assertThat(TestWorker.ofFleet(1).warnings(runner.withUserConfiguration(RememberMe.class)))
			.containsOnlyKeys("remember-me");
	}

	@Test
	void tokensOfUsersInADatabaseAreNotToldOf() {
		assertThat(TestWorker.warningsOf(with(client, OAuth2AuthorizedClientService.class))).isEmpty();
	}

	@Test
	void keyThatIsKeptIsNot() {
		assertThat(TestWorker.warningsOf(authorizationServer.withBean(JWKSource.class, () -> keys("2026"))))
			.containsOnlyKeys("authorizations");
		assertThat(TestWorker
			.warningsOf(authorizationServer.withBean(JWKSource.class, () -> keys(UUID.randomUUID().toString()))))
			.as("as guides have it")
			.containsOnlyKeys("signing-keys", "authorizations");
	}

	private static JWKSource<?> keys(String id) {
		try {
			return new ImmutableJWKSet<>(new JWKSet(new ECKeyGenerator(Curve.P_256).keyID(id).generate()));
		}
		catch (JOSEException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	static class RememberMe {

		@Bean
		SecurityFilterChain chain(HttpSecurity http, Environment environment) {
			return http.rememberMe((remember) -> {
				String key = environment.getProperty("app.remember-me");
				if (key != null) {
					remember.key(key);
				}
			}).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneSession {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.formLogin(Customizer.withDefaults())
				.sessionManagement((sessions) -> sessions.maximumSessions(1))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FormLogin {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.formLogin(Customizer.withDefaults()).build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Passkeys {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.webAuthn(
					(passkeys) -> passkeys.rpName("Shop").rpId("shop.example").allowedOrigins("https://shop.example"))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class BackChannel {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.oauth2Login(Customizer.withDefaults())
				.oidcLogout((logout) -> logout.backChannel(Customizer.withDefaults()))
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OneTimeTokens {

		@Bean
		SecurityFilterChain chain(HttpSecurity http) {
			return http.oneTimeTokenLogin((login) -> login.tokenGenerationSuccessHandler((_, _, _) -> {
			})).build();
		}

	}

}
