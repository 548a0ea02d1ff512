package dev.tomcorn.launch;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.incident.IncidentSettings;
import dev.tomcorn.core.listener.BindAddress;
import dev.tomcorn.core.release.PreloadSettings;
import dev.tomcorn.settings.BindSettings;
import dev.tomcorn.settings.TomcornSettings;
import org.apache.catalina.connector.Connector;
import org.apache.coyote.AbstractProtocol;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.PropertySource;

/**
 * Finds settings that come too late. The launch decision and the arbiter read them before
 * the application has a context. The application may still set them until its web server
 * starts: by {@code @PropertySource}, an initializer, a bootstrap context, or in code.
 */
public final class LateSettings {

	private static final String PORT = "server.port";

	private static final String ADDRESS = "server.address";

	private static final String MANAGEMENT_ADDRESS = "management.server.address";

	private static final List<String> ACCESS_LOG = List.of("server.tomcat.accesslog.directory",
			"server.tomcat.accesslog.prefix", "server.tomcat.accesslog.suffix");

	/**
	 * Properties that are read before there is a context.
	 */
	static final List<String> PROPERTIES = List.of(PORT, ADDRESS, ManagementPort.PROPERTY, MANAGEMENT_ADDRESS,
			"server.shutdown", "server.tomcat.accept-count", "server.tomcat.accesslog.enabled", ACCESS_LOG.get(0),
			ACCESS_LOG.get(1), ACCESS_LOG.get(2), "spring.lifecycle.timeout-per-shutdown-phase",
			"spring.task.execution.shutdown.await-termination",
			"spring.task.execution.shutdown.await-termination-period",
			"spring.task.scheduling.shutdown.await-termination",
			"spring.task.scheduling.shutdown.await-termination-period", "spring.docker.compose.stop.timeout",
			"tomcorn.workers", "WEB_CONCURRENCY", "tomcorn.arbiter.enabled", "tomcorn.worker-class",
			BindSettings.PROPERTY, "tomcorn.backlog", "tomcorn.reuse-port", "tomcorn.boot-timeout", "tomcorn.timeout",
			"tomcorn.graceful-timeout", "tomcorn.standby", "tomcorn.first-worker-alone",
			"tomcorn.defer-second-compiler", "tomcorn.reload.max-surge", "tomcorn.recycle.max-surge",
			"tomcorn.incidents.directory", "tomcorn.incidents.max-count", "tomcorn.incidents.max-size",
			"tomcorn.incidents.heap-dump", "tomcorn.incidents.flight-recording", "tomcorn.directory",
			"tomcorn.jvm-options", "tomcorn.pause-on-winch", "tomcorn.run-directory", "tomcorn.preload.enabled",
			"tomcorn.preload.directory", "tomcorn.preload.max-size", "tomcorn.preload.training-requests",
			"tomcorn.preload.training-time", "tomcorn.problems.ignored", "tomcorn.problems.worker-stopped",
			"tomcorn.problems.worker-silent", "tomcorn.problems.carriers-held", "tomcorn.problems.long-request",
			"tomcorn.problems.queue-wait", "tomcorn.problems.deaths", "tomcorn.problems.out-of-memory",
			"tomcorn.problems.heap-after-gc", "tomcorn.problems.file-descriptors", "tomcorn.problems.memory-limit",
			"tomcorn.problems.cpu-taken", "tomcorn.problems.connection-pool", "tomcorn.problems.disk-free",
			"tomcorn.problems.clock-jump", "tomcorn.problems.end-after", "tomcorn.problems.remembered");

	private final Map<String, String> texts;

	private final boolean supervised;

	private final @Nullable Reading reading;

	private LateSettings(Map<String, String> texts, boolean supervised, @Nullable Reading reading) {
		this.texts = texts;
		this.supervised = supervised;
		this.reading = reading;
	}

	/**
	 * Record a worker's settings before there is a context.
	 * @param settings those that the environment has now
	 */
	static LateSettings ofWorker(Environment environment, TomcornSettings settings) {
		return new LateSettings(texts(environment), true, Reading.of(environment, settings));
	}

	/**
	 * Record the settings of a solo application before there is a context, as text: the
	 * properties that they refer to may be set later.
	 */
	static LateSettings ofSolo(Environment environment) {
		return new LateSettings(texts(environment), Launches.supervisionSettings(environment).supervision(), null);
	}

	/**
	 * Reject a worker's environment if a setting has changed that an arbiter has read.
	 * @throws LateSettingException if one has changed
	 */
	public void check(ConfigurableEnvironment environment) {
		List<LateSetting> late = changes(environment);
		// Another notation of the same value is no change. Binding takes longer than
		// comparing the texts
		if (!late.isEmpty() && !Reading.of(environment, TomcornSettings.of(environment)).equals(this.reading)) {
			refuse(late);
		}
	}

	/**
	 * Reject a connector whose address or port differs from the environment's.
	 * @throws LateSettingException if one differs
	 */
	public static void check(Connector connector, Environment environment, String prefix) {
		if (!(connector.getProtocolHandler() instanceof AbstractProtocol<?> protocol)) {
			return;
		}
		Binder binder = Binder.get(environment);
		String origin = "code, such as a WebServerFactoryCustomizer or a web server factory of the application";
		List<LateSetting> late = new ArrayList<>();
		int port = portOf(binder, prefix + ".port");
		if (connector.getPort() != port) {
			late.add(new LateSetting(prefix + ".port", Integer.toString(port), Integer.toString(connector.getPort()),
					origin));
		}
		InetAddress address = addressOf(binder, prefix + ".address");
		if (!Objects.equals(orAny(protocol.getAddress()), address)) {
			late.add(new LateSetting(prefix + ".address", text(address), text(orAny(protocol.getAddress())), origin));
		}
		refuse(late);
	}

	/**
	 * Return the late settings that would have given a solo application an arbiter.
	 */
	public List<String> workersOfASoloApplication(ConfigurableEnvironment environment) {
		if (this.supervised) {
			return List.of();
		}
		List<String> late = changes(environment).stream()
			.filter((change) -> List.of("tomcorn.workers", "WEB_CONCURRENCY", "tomcorn.arbiter.enabled")
				.contains(change.property()))
			.map(LateSetting::toString)
			.toList();
		return (!late.isEmpty() && Launches.supervisionSettings(environment).supervision()) ? late : List.of();
	}

	private static void refuse(List<LateSetting> late) {
		if (!late.isEmpty()) {
			throw new LateSettingException(late);
		}
	}

	private List<LateSetting> changes(ConfigurableEnvironment environment) {
		Map<String, String> now = texts(environment);
		return PROPERTIES.stream()
			.filter((property) -> !Objects.equals(this.texts.get(property), now.get(property)))
			.map((property) -> new LateSetting(property, this.texts.getOrDefault(property, LateSetting.NOT_SET),
					now.getOrDefault(property, LateSetting.NOT_SET), origin(property, environment)))
			.toList();
	}

	private static Map<String, String> texts(Environment environment) {
		Map<String, String> texts = new LinkedHashMap<>();
		for (String property : PROPERTIES) {
			String value = ArbiterOnlySettings.text(environment, property);
			if (value != null) {
				texts.put(property, value);
			}
		}
		return texts;
	}

	/**
	 * Return the name of the first source that has the property in any of its spellings.
	 */
	private static String origin(String property, ConfigurableEnvironment environment) {
		for (PropertySource<?> source : environment.getPropertySources()) {
			if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)
					&& (source.containsProperty(property) || hasOtherSpelling(source, property))) {
				return "'" + source.getName() + "'";
			}
		}
		return "no source any more";
	}

	private static boolean hasOtherSpelling(PropertySource<?> source, String property) {
		if (!ConfigurationPropertyName.isValid(property)) {
			return false;
		}
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		for (ConfigurationPropertySource spellings : ConfigurationPropertySources.from(source)) {
			if (spellings != null && spellings.getConfigurationProperty(name) != null) {
				return true;
			}
		}
		return false;
	}

	private static int portOf(Binder binder, String property) {
		return binder.bind(property, Integer.class).orElse(property.equals(PORT) ? 8080 : 0);
	}

	private static @Nullable InetAddress addressOf(Binder binder, String property) {
		return orAny(binder.bind(property, InetAddress.class).orElse(null));
	}

	/**
	 * Return {@code null} for the wildcard address in any notation.
	 */
	private static @Nullable InetAddress orAny(@Nullable InetAddress address) {
		return (address == null || address.isAnyLocalAddress()) ? null : address;
	}

	private static String text(@Nullable InetAddress address) {
		return (address != null) ? address.getHostAddress() : "every address";
	}

	/**
	 * The meaning of the properties, so that two notations of one value are equal.
	 */
	private record Reading(int port, @Nullable InetAddress address, @Nullable InetSocketAddress management,
			@Nullable List<String> accessLog, boolean supervised, List<BindAddress> bind, int backlog,
			boolean reusePort, ArbiterSettings arbiter, boolean firstWorkerAlone, boolean deferSecondCompiler,
			IncidentSettings incidents, String directory, List<String> jvmOptions, boolean pauseOnWinch,
			String runDirectory, PreloadSettings preload) {

		static Reading of(Environment environment, TomcornSettings settings) {
			Binder binder = Binder.get(environment);
			return new Reading(portOf(binder, PORT), addressOf(binder, ADDRESS), management(environment, binder),
					accessLog(environment), SupervisionSettings.of(settings).supervision(), settings.bind(),
					settings.backlog(), settings.reusePort(), settings.arbiter(), settings.firstWorkerAlone(),
					settings.deferSecondCompiler(), settings.incidents(), Objects.toString(settings.directory(), ""),
					settings.jvmOptions(), settings.pauseOnWinch(), Objects.toString(settings.runDirectory(), ""),
					settings.preload());
		}

		private static @Nullable InetSocketAddress management(Environment environment, Binder binder) {
			if (!ManagementPort.isSeparate(environment)) {
				return null;
			}
			int port = portOf(binder, ManagementPort.PROPERTY);
			InetAddress address = addressOf(binder, MANAGEMENT_ADDRESS);
			return (address != null) ? new InetSocketAddress(address, port) : new InetSocketAddress(port);
		}

		private static @Nullable List<String> accessLog(Environment environment) {
			return environment.getProperty("server.tomcat.accesslog.enabled", Boolean.class, false)
					? ACCESS_LOG.stream().map((property) -> environment.getProperty(property, "")).toList() : null;
		}

	}

}
