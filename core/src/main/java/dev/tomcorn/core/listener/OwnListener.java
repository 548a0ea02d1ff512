package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;

import org.jspecify.annotations.Nullable;

/**
 * A listening socket that this JVM has opened for itself, without any call of the C
 * library.
 */
final class OwnListener implements SeveralListeners.Part {

	private final ServerSocketChannel channel;

	private final @Nullable UnixSocketFile file;

	private OwnListener(ServerSocketChannel channel, @Nullable UnixSocketFile file) {
		this.channel = channel;
		this.file = file;
	}

	/**
	 * Listen on a port.
	 * @throws BindFailure if that is not possible
	 */
	static OwnListener open(BindAddress.Port address, int backlog) throws IOException {
		InetAddress host = SocketOpening.hostOf(address);
		ServerSocketChannel channel = ServerSocketChannel.open();
		try {
			channel.bind((host != null) ? new InetSocketAddress(host, address.port())
					: new InetSocketAddress(address.port()), backlog);
			return new OwnListener(channel, null);
		}
		catch (SocketException ex) {
			channel.close();
			throw failure(address, ex);
		}
	}

	/**
	 * The JDK reports reasons in the words of the system.
	 */
	private static BindFailure failure(BindAddress.Port address, SocketException ex) {
		String message = String.valueOf(ex.getMessage());
		if (message.contains("denied")) {
			return SocketOpening.notPermitted(address, ex);
		}
		if (ex instanceof BindException && message.contains("in use")) {
			return SocketOpening.inUse(address, ex);
		}
		if (message.contains("assign requested address")) {
			return SocketOpening.noSuchAddress(address, ex);
		}
		return new BindFailure(address, "The port cannot be opened (%s).".formatted(message),
				"Check tomcorn.bind, and the limits of this process.", ex);
	}

	/**
	 * Listen on a Unix domain socket.
	 * @throws BindFailure if that is not possible
	 */
	static OwnListener open(BindAddress.Unix address, int backlog) throws IOException {
		UnixSocketFile file = UnixSocketFile.makeRoom(address);
		ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
		try {
			channel.bind(UnixDomainSocketAddress.of(address.path()), backlog);
			file.bound();
			return new OwnListener(channel, file);
		}
		catch (IOException ex) {
			channel.close();
			file.remove();
			throw UnixSocketFile.other(address, ex);
		}
		catch (BindFailure ex) {
			channel.close();
			file.remove();
			throw ex;
		}
	}

	@Override
	public ServerSocketChannel acceptor() {
		return this.channel;
	}

	/**
	 * Accept no further clients into the queue, if that is possible.
	 */
	void refuseConnections() {
		if (this.file != null) {
			this.file.remove();
		}
	}

	@Override
	public void stopAccepting() throws IOException {
		refuseConnections();
		this.channel.close();
	}

	@Override
	public ServerSocketChannel channel() {
		return this.channel;
	}

}
