package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Addresses as Linux's {@code sockaddr_in}, {@code sockaddr_in6} and {@code sockaddr_un}.
 */
final class SocketAddresses {

	/**
	 * Size of {@code sockaddr_un}.
	 */
	static final int MAX_LENGTH = 110;

	private static final int IPV4_LENGTH = 16;

	private static final int IPV6_LENGTH = 28;

	/**
	 * The encoding of file names.
	 */
	private static final Charset NATIVE = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"),
			StandardCharsets.UTF_8);

	/**
	 * Longest path of a Unix domain socket, in bytes.
	 */
	static final int MAX_PATH = 107;

	private SocketAddresses() {
	}

	/**
	 * Return a {@code sockaddr_un}.
	 */
	static byte[] encode(Path path) throws IOException {
		byte[] bytes = path.toString().getBytes(NATIVE);
		if (bytes.length > MAX_PATH) {
			throw new IOException("The path of a socket has at most " + MAX_PATH + " bytes: " + path);
		}
		return ByteBuffer.allocate(Short.BYTES + bytes.length + 1)
			.order(ByteOrder.nativeOrder())
			.putShort((short) LibC.AF_UNIX)
			.put(bytes)
			.array();
	}

	/**
	 * Return the {@code sockaddr_un} of a name without a file.
	 */
	static byte[] encodeAbstract(String name) throws IOException {
		byte[] bytes = name.getBytes(NATIVE);
		if (bytes.length > MAX_PATH) {
			throw new IOException("The name of a socket has at most " + MAX_PATH + " bytes: " + name);
		}
		return ByteBuffer.allocate(Short.BYTES + 1 + bytes.length)
			.order(ByteOrder.nativeOrder())
			.putShort((short) LibC.AF_UNIX)
			.put((byte) 0)
			.put(bytes)
			.array();
	}

	static byte[] encode(int family, InetAddress address, int port) {
		ByteBuffer buffer = ByteBuffer.allocate((family == LibC.AF_INET) ? IPV4_LENGTH : IPV6_LENGTH);
		buffer.order(ByteOrder.nativeOrder()).putShort((short) family);
		buffer.order(ByteOrder.BIG_ENDIAN).putShort((short) port);
		if (family == LibC.AF_INET) {
			buffer.put(address.getAddress());
		}
		else {
			buffer.putInt(0).put((address instanceof Inet6Address) ? address.getAddress() : new byte[16]);
			buffer.order(ByteOrder.nativeOrder())
				.putInt((address instanceof Inet6Address inet6) ? inet6.getScopeId() : 0);
		}
		return buffer.array();
	}

	static InetAddress anyIpv4() {
		return address(new byte[4]);
	}

	/**
	 * Return the family of an address, such as {@link LibC#AF_INET}.
	 */
	static int family(byte[] sockaddr) {
		return ByteBuffer.wrap(sockaddr).order(ByteOrder.nativeOrder()).getShort();
	}

	static InetSocketAddress decode(byte[] sockaddr) {
		ByteBuffer buffer = ByteBuffer.wrap(sockaddr).order(ByteOrder.nativeOrder());
		int family = buffer.getShort();
		int port = buffer.order(ByteOrder.BIG_ENDIAN).getShort() & 0xFFFF;
		byte[] address = (family == LibC.AF_INET) ? Arrays.copyOfRange(sockaddr, 4, 8)
				: Arrays.copyOfRange(sockaddr, 8, 24);
		return new InetSocketAddress(address(address), port);
	}

	/**
	 * Return an address of TCP or of a Unix domain socket.
	 */
	static SocketAddress any(byte[] sockaddr) {
		return switch (family(sockaddr)) {
			case LibC.AF_UNIX -> UnixDomainSocketAddress.of(path(sockaddr));
			case LibC.AF_INET, LibC.AF_INET6 -> decode(sockaddr);
			default -> UnixDomainSocketAddress.of("");
		};
	}

	/**
	 * Return the path of a {@code sockaddr_un}; empty if it has no name in the file
	 * system.
	 */
	private static Path path(byte[] sockaddr) {
		int end = Short.BYTES;
		while (end < sockaddr.length && sockaddr[end] != 0) {
			end++;
		}
		return Path.of(new String(sockaddr, Short.BYTES, end - Short.BYTES, NATIVE));
	}

	private static InetAddress address(byte[] bytes) {
		try {
			return InetAddress.getByAddress(bytes);
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
