package dev.tomcorn.core.listener;

import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Sends messages to a Unix datagram socket, for which Java has no channel. Sending never
 * waits.
 */
public final class NotificationSocket implements Closeable {

	private final int fd;

	private final byte[] address;

	private NotificationSocket(int fd, byte[] address) {
		this.fd = fd;
		this.address = address;
	}

	/**
	 * Open a socket that sends.
	 * @param receiver the absolute path of a socket, or {@code @} and an abstract name
	 * @return the socket
	 * @throws IOException if the name is invalid, or the system provides no socket
	 */
	public static NotificationSocket to(String receiver) throws IOException {
		byte[] address = address(receiver);
		try {
			return new NotificationSocket(LibC.datagramSocket(LibC.AF_UNIX), address);
		}
		catch (LibC.ErrnoException ex) {
			throw new IOException("No socket to send to " + receiver, ex);
		}
	}

	private static byte[] address(String receiver) throws IOException {
		if (receiver.startsWith("@")) {
			return SocketAddresses.encodeAbstract(receiver.substring(1));
		}
		try {
			if (receiver.startsWith("/")) {
				return SocketAddresses.encode(Path.of(receiver));
			}
		}
		catch (InvalidPathException ex) {
			// Not a path
		}
		throw new IOException("Not the path of a socket: " + receiver);
	}

	/**
	 * Send a message.
	 * @param message the message
	 * @return whether there was room for it
	 * @throws IOException if there is no receiver
	 */
	public boolean send(String message) throws IOException {
		try {
			LibC.sendTo(this.fd, message.getBytes(StandardCharsets.UTF_8), this.address);
			return true;
		}
		catch (LibC.ErrnoException ex) {
			if (ex.errno() == LibC.EAGAIN || ex.errno() == LibC.ENOBUFS) {
				return false;
			}
			throw new IOException(ex.getMessage(), ex);
		}
	}

	/**
	 * Return the time of the clock that the receiver reads, too.
	 * @return the time since the machine was started, without suspended time
	 */
	public static Duration monotonicTime() {
		return LibC.monotonicTime();
	}

	@Override
	public void close() {
		try {
			LibC.close(this.fd);
		}
		catch (LibC.ErrnoException ex) {
			// The socket closes with this process
		}
	}

}
