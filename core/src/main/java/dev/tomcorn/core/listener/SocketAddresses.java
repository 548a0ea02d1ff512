package dev.tomcorn.core.listener;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Internet addresses as Linux's {@code sockaddr_in} and {@code sockaddr_in6}.
 */
final class SocketAddresses {

	static final int MAX_LENGTH = 28;

	private static final int IPV4_LENGTH = 16;

	private SocketAddresses() {
	}

	static byte[] encode(int family, InetAddress address, int port) {
		ByteBuffer buffer = ByteBuffer.allocate((family == LibC.AF_INET) ? IPV4_LENGTH : MAX_LENGTH);
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

	static InetSocketAddress decode(byte[] sockaddr) {
		ByteBuffer buffer = ByteBuffer.wrap(sockaddr).order(ByteOrder.nativeOrder());
		int family = buffer.getShort();
		int port = buffer.order(ByteOrder.BIG_ENDIAN).getShort() & 0xFFFF;
		byte[] address = (family == LibC.AF_INET) ? Arrays.copyOfRange(sockaddr, 4, 8)
				: Arrays.copyOfRange(sockaddr, 8, 24);
		return new InetSocketAddress(address(address), port);
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
