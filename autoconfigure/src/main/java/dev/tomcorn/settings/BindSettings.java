package dev.tomcorn.settings;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.tomcorn.core.listener.BindAddress;
import dev.tomcorn.core.scoreboard.ListenerTable;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.util.StringUtils;

/**
 * Reads {@code tomcorn.bind}.
 */
public final class BindSettings {

	/**
	 * Name of the property.
	 */
	public static final String PROPERTY = "tomcorn.bind";

	private BindSettings() {
	}

	/**
	 * Return the user's texts, one for each address.
	 * @return the texts; none if {@code server.address} and {@code server.port} apply
	 */
	public static List<String> texts(Environment environment) {
		return Binder.get(environment)
			.bind(PROPERTY, Bindable.listOf(String.class))
			.orElse(List.of())
			.stream()
			.filter(StringUtils::hasText)
			.map(String::strip)
			.toList();
	}

	/**
	 * Read the addresses.
	 * @return the addresses; none if {@code server.address} and {@code server.port} apply
	 * @throws InvalidSettingException if one cannot be read, or is listed twice
	 */
	static List<BindAddress> of(Environment environment) {
		List<String> texts = texts(environment);
		if (texts.size() > ListenerTable.MAX_LISTENERS) {
			throw new InvalidSettingException(PROPERTY, texts.size() + " addresses",
					"at most %d addresses".formatted(ListenerTable.MAX_LISTENERS));
		}
		List<BindAddress> addresses = new ArrayList<>();
		Set<Object> places = new HashSet<>();
		for (String text : texts) {
			BindAddress address = read(text);
			if (!places.add(placeOf(address))) {
				throw new InvalidSettingException(PROPERTY, String.join(",", texts),
						"addresses that differ: %s is listed twice".formatted(text));
			}
			addresses.add(address);
		}
		return List.copyOf(addresses);
	}

	/**
	 * Return the port that the connector reports.
	 * @return the first port among the addresses, or 0 if there is none
	 */
	public static int portOf(List<BindAddress> addresses) {
		return addresses.stream()
			.filter(BindAddress.Port.class::isInstance)
			.mapToInt((address) -> ((BindAddress.Port) address).port())
			.findFirst()
			.orElse(0);
	}

	/**
	 * Return the message about settings that have no effect.
	 * @return a line, or {@code null} if there are none
	 */
	public static @Nullable String unused(Environment environment) {
		if (texts(environment).isEmpty()) {
			return null;
		}
		Binder binder = Binder.get(environment);
		List<String> set = Stream.of("server.address", "server.port")
			.filter((property) -> TomcornSettings.isSet(binder, property))
			.toList();
		return set.isEmpty() ? null : "%s says where to listen: %s %s no effect".formatted(PROPERTY,
				String.join(" and ", set), (set.size() > 1) ? "have" : "has");
	}

	/**
	 * Ignore {@code tomcorn.bind} in an application that is not started as a service: a
	 * test, a step of a build, or a part of another application.
	 */
	public static void leaveOut(ConfigurableEnvironment environment) {
		environment.getPropertySources().addFirst(new MapPropertySource("tomcornBind", Map.of(PROPERTY, "")));
	}

	/**
	 * Return whether existing sockets may be the wanted ones.
	 * @param wanted the user's addresses
	 * @param sockets the addresses of the sockets
	 */
	public static boolean isServedBy(List<BindAddress> wanted, List<? extends SocketAddress> sockets) {
		return wanted.size() == sockets.size() && IntStream.range(0, wanted.size())
			.allMatch((number) -> isServedBy(wanted.get(number), sockets.get(number)));
	}

	private static boolean isServedBy(BindAddress wanted, SocketAddress socket) {
		return switch (wanted) {
			case BindAddress.Port port ->
				socket instanceof InetSocketAddress inet && (port.port() == 0 || port.port() == inet.getPort());
			case BindAddress.Unix unix ->
				socket instanceof UnixDomainSocketAddress file && file.getPath().equals(unix.path());
			case BindAddress.Descriptor _ -> true;
		};
	}

	private static BindAddress read(String text) {
		try {
			return BindAddress.of(text);
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidSettingException(PROPERTY, text, String.valueOf(ex.getMessage()));
		}
	}

	private record HostAndPort(String host, int port) {

	}

	/**
	 * Return a key that is equal for addresses that conflict. A port that the system
	 * chooses never conflicts.
	 */
	private static Object placeOf(BindAddress address) {
		return switch (address) {
			case BindAddress.Port port when port.port() == 0 -> new Object();
			case BindAddress.Port port -> new HostAndPort(
					Set.of("0.0.0.0", "::").contains(port.host()) ? "" : port.host().toLowerCase(Locale.ROOT),
					port.port());
			case BindAddress.Unix unix -> unix.path().normalize();
			case BindAddress.Descriptor descriptor -> descriptor;
		};
	}

}
