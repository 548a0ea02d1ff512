package dev.tomcorn.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;

import dev.tomcorn.core.listener.ListenException;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.WorkerIdentity;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;

/**
 * The management port in an arbiter.
 */
public final class ManagementPort {

	/**
	 * Name of the property.
	 */
	public static final String PROPERTY = "management.server.port";

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private static final int BACKLOG = 128;

	private ManagementPort() {
	}

	/**
	 * Return whether the management endpoints have a port of their own.
	 */
	static boolean isSeparate(Environment environment) {
		return SpringFactoriesLoader.forDefaultResourceLocation(ClassUtils.getDefaultClassLoader())
			.load(SeparateManagementPort.class)
			.stream()
			.anyMatch((port) -> port.isConfigured(environment));
	}

	/**
	 * Listen on the management port. Uses the socket of the previous arbiter if it has
	 * one.
	 * @param environment the application's environment
	 * @param predecessor the previous arbiter, if any
	 * @param inherited receives the address of the previous arbiter's socket
	 * @return the socket, or {@code null} if the endpoints have no port of their own
	 * @throws OccupiedException if the port cannot be opened
	 */
	static @Nullable ListeningSocket listen(Environment environment, @Nullable Predecessor predecessor,
			BiConsumer<String, InetSocketAddress> inherited) {
		if (!isSeparate(environment)) {
			return null;
		}
		Path path = (predecessor != null) ? WorkerIdentity.managementSocket(predecessor.runDirectory()) : null;
		if (path != null && Files.exists(path)) {
			return takeOver(path, environment, inherited);
		}
		Binder binder = Binder.get(environment);
		InetAddress address = binder.bind("management.server.address", InetAddress.class).orElse(null);
		int port = binder.bind(PROPERTY, Integer.class).orElse(0);
		try {
			return ListeningSocket.openFurther(address, port, BACKLOG);
		}
		catch (ListenException ex) {
			throw new OccupiedException(ex);
		}
	}

	private static ListeningSocket takeOver(Path path, Environment environment,
			BiConsumer<String, InetSocketAddress> inherited) {
		try {
			ListeningSocket socket = ListeningSocket.receive(path, BACKLOG);
			InetSocketAddress bound = socket.localAddress();
			inherited.accept("management.server", bound);
			Binder binder = Binder.get(environment);
			if (differs(bound, binder.bind("management.server.address", InetAddress.class).orElse(null),
					binder.bind(PROPERTY, Integer.class).orElse(0))) {
				logger.warn("Management listens on port %d like the previous arbiter: a change of %s or "
					.formatted(bound.getPort(), PROPERTY) + "management.server.address needs a restart");
			}
			return socket;
		}
		catch (IOException ex) {
			throw new IllegalStateException("Cannot take over the management port of the previous arbiter", ex);
		}
	}

	/**
	 * Return whether a socket is bound to another address than the current configuration
	 * has.
	 */
	static boolean differs(InetSocketAddress bound, @Nullable InetAddress address, int port) {
		boolean otherAddress = (address == null || address.isAnyLocalAddress())
				? !bound.getAddress().isAnyLocalAddress() : !address.equals(bound.getAddress());
		return (port != 0 && port != bound.getPort()) || otherAddress;
	}

	/**
	 * The management port could not be opened.
	 */
	static final class OccupiedException extends RuntimeException {

		OccupiedException(ListenException cause) {
			super("Cannot open the management port: " + cause.getMessage(), cause);
		}

	}

}
