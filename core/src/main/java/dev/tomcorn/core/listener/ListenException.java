package dev.tomcorn.core.listener;

import java.net.InetAddress;

import org.jspecify.annotations.Nullable;

/**
 * The listening socket could not be opened.
 */
public final class ListenException extends RuntimeException {

	private final Reason reason;

	private final @Nullable InetAddress address;

	private final int port;

	ListenException(@Nullable InetAddress address, int port, LibC.ErrnoException cause) {
		super("Cannot listen on %s port %d: %s".formatted((address != null) ? address.getHostAddress() : "any address",
				port, cause.getMessage()), cause);
		this.reason = Reason.of(cause);
		this.address = address;
		this.port = port;
	}

	/**
	 * Return why the socket could not be opened.
	 * @return the reason
	 */
	public Reason reason() {
		return this.reason;
	}

	/**
	 * Return the requested address.
	 * @return the address, or {@code null} for any
	 */
	public @Nullable InetAddress address() {
		return this.address;
	}

	/**
	 * Return the requested port.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Why a socket could not be opened.
	 */
	public enum Reason {

		/** Another process listens there. */
		IN_USE,

		/** The user may not listen there, for example on a port below 1024. */
		NOT_PERMITTED,

		/** The address does not belong to this machine. */
		NO_SUCH_ADDRESS,

		/** Anything else. */
		OTHER;

		static Reason of(LibC.ErrnoException failure) {
			return switch (failure.errno()) {
				case LibC.EADDRINUSE -> IN_USE;
				case LibC.EACCES -> NOT_PERMITTED;
				case LibC.EADDRNOTAVAIL -> NO_SUCH_ADDRESS;
				default -> OTHER;
			};
		}

	}

}
