package dev.tomcorn.warnings;

import java.util.List;
import java.util.regex.Pattern;

import dev.tomcorn.warnings.FleetWarning.Scope;
import org.jspecify.annotations.Nullable;

/**
 * Warnings about state of Spring Security that is kept in memory or drawn at random.
 */
final class SecurityState {

	private static final String WEB = "org.springframework.security.web.";

	private static final String OAUTH2 = "org.springframework.security.oauth2.";

	private static final String JWK_SOURCE = "com.nimbusds.jose.jwk.source.JWKSource";

	private static final Pattern UUID = Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

	static final List<FleetWarning> ROWS = List.of(new FleetWarning("session-registry", Scope.SEVERAL_WORKERS,
			SecurityState::sessionRegistry,
			"Each worker knows the sessions only that began with it (%s): a limit of sessions for each user and "
					+ "their expiry hold for each worker",
			"Use Spring Session, with a SpringSessionBackedSessionRegistry as SessionRegistry"),
			new FleetWarning("remember-me", Scope.EVERY_FLEET, SecurityState::rememberMe,
					"The key of remember-me is drawn at random in each worker (%s): the cookie of one is refused by the "
							+ "others and after a reload",
					"Set it: http.rememberMe((remember) -> remember.key(yourKey))"),
			new FleetWarning("signing-keys", Scope.EVERY_FLEET, SecurityState::signingKeys,
					"Each worker makes a key of its own to sign tokens (%s): a token of one is refused by the others and "
							+ "after a reload",
					"Define a bean of type JWKSource with a key that you keep, such as one of a key store"),
			new FleetWarning("authorizations", Scope.SEVERAL_WORKERS, SecurityState::authorizations,
					"Each worker keeps the codes and tokens in memory that it has issued (%s): the others do not know them, "
							+ "and they end with their worker, at a reload too",
					"Define a bean of type JdbcOAuth2AuthorizationService, and a JdbcOAuth2AuthorizationConsentService"),
			new FleetWarning("authorized-clients", Scope.SEVERAL_WORKERS, SecurityState::authorizedClients,
					"Each worker keeps the tokens in memory that it has got for a user (bean '%s'): another sends the user "
							+ "to the provider again",
					"Define a bean of type JdbcOAuth2AuthorizedClientService"),
			new FleetWarning("one-time-tokens", Scope.SEVERAL_WORKERS,
					byFilter("authentication.ott.GenerateOneTimeTokenFilter",
							"org.springframework.security.authentication.ott.OneTimeTokenService",
							"org.springframework.security.authentication.ott.InMemoryOneTimeTokenService"),
					"Each worker keeps the one-time tokens in memory that it has issued (%s): the others refuse them",
					"Define a bean of type JdbcOneTimeTokenService"),
			new FleetWarning("passkeys", Scope.EVERY_FLEET,
					byFilter("webauthn.authentication.WebAuthnAuthenticationFilter",
							WEB + "webauthn.management.UserCredentialRepository",
							WEB + "webauthn.management.MapUserCredentialRepository"),
					"Each worker keeps the passkeys in memory that were registered with it (%s): the others refuse them, and "
							+ "they are gone after a reload",
					"Define beans of type JdbcUserCredentialRepository and JdbcPublicKeyCredentialUserEntityRepository"),
			new FleetWarning("oidc-sessions", Scope.SEVERAL_WORKERS,
					byFilter("config.annotation.web.configurers.oauth2.client.OidcBackChannelLogoutFilter",
							OAUTH2 + "client.oidc.session.OidcSessionRegistry",
							OAUTH2 + "client.oidc.session.InMemoryOidcSessionRegistry"),
					"Each worker knows the logins only that it has seen (%s): a logout that the provider sends ends no "
							+ "session of another worker",
					"Define a bean of type OidcSessionRegistry that keeps them in a database"));

	private SecurityState() {
	}

	/**
	 * Return a check of state that a filter uses and that is in memory unless there is
	 * another bean.
	 */
	private static FleetWarning.Check byFilter(String filter, String type, String inMemory) {
		String name = filter.startsWith("config.") ? "org.springframework.security." + filter : WEB + filter;
		return (application) -> application.hasSecurityFilter(name) ? inMemory(application, type, inMemory) : null;
	}

	private static @Nullable String inMemory(ApplicationFacts application, String type, String inMemory) {
		String simpleName = inMemory.substring(inMemory.lastIndexOf('.') + 1);
		if (application.beans(type).isEmpty()) {
			return simpleName;
		}
		String bean = application.firstBean(type, (instance) -> application.isA(instance, inMemory));
		return (bean != null) ? "%s of bean '%s'".formatted(simpleName, bean) : null;
	}

	private static @Nullable String sessionRegistry(ApplicationFacts application) {
		String type = "org.springframework.security.core.session.SessionRegistry";
		boolean used = application.hasSecurityFilter(WEB + "session.ConcurrentSessionFilter")
				|| !application.beans(type).isEmpty();
		return used ? inMemory(application, type, type + "Impl") : null;
	}

	/**
	 * Check the key of remember-me. It does not matter if the token is in a database.
	 */
	private static @Nullable String rememberMe(ApplicationFacts application) {
		String services = WEB + "authentication.rememberme.TokenBasedRememberMeServices";
		boolean drawn = application.securityFilters()
			.map((filter) -> ApplicationFacts.value(filter, "rememberMeServices"))
			.anyMatch((used) -> used != null && application.isA(used, services)
					&& UUID.matcher(String.valueOf(ApplicationFacts.value(used, "key"))).matches());
		return drawn ? "TokenBasedRememberMeServices" : null;
	}

	/**
	 * Check for generated keys: Boot's, or one in code as in the guides. The ID of a
	 * permanent key is not a UUID.
	 */
	private static @Nullable String signingKeys(ApplicationFacts application) {
		return application.created(JWK_SOURCE)
			.filter((bean) -> isOfBoot(application, bean.name()) || hasRandomId(bean.instance()))
			.map((bean) -> "bean '%s'".formatted(bean.name()))
			.findFirst()
			.orElse(null);
	}

	private static boolean isOfBoot(ApplicationFacts application, String bean) {
		String maker = application.madeBy(bean);
		return maker != null && maker.startsWith("org.springframework.boot.");
	}

	private static boolean hasRandomId(Object source) {
		Object set = ApplicationFacts.value(source, "JWKSet");
		return set != null && ApplicationFacts.value(set, "keys") instanceof List<?> keys && keys.stream()
			.anyMatch((key) -> UUID.matcher(String.valueOf(ApplicationFacts.value(key, "keyID"))).matches());
	}

	private static @Nullable String authorizations(ApplicationFacts application) {
		String prefix = OAUTH2 + "server.authorization.";
		return application.beans(prefix + "client.RegisteredClientRepository").isEmpty() ? null : inMemory(application,
				prefix + "OAuth2AuthorizationService", prefix + "InMemoryOAuth2AuthorizationService");
	}

	/**
	 * Check for tokens of users. Each worker may request tokens of the application
	 * itself.
	 */
	private static @Nullable String authorizedClients(ApplicationFacts application) {
		boolean ofUsers = application.hasSecurityFilter(OAUTH2 + "client.web.OAuth2LoginAuthenticationFilter")
				|| application.hasSecurityFilter(OAUTH2 + "client.web.OAuth2AuthorizationCodeGrantFilter");
		return ofUsers ? application.firstBean(OAUTH2 + "client.InMemoryOAuth2AuthorizedClientService", (bean) -> true)
				: null;
	}

}
