package dev.tomcorn.core.listener;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SocketAddressesTests {

	@Test
	void ipv4AddressIsASockaddrIn() throws UnknownHostException {
		byte[] encoded = SocketAddresses.encode(LibC.AF_INET, InetAddress.getByName("192.0.2.7"), 0x1F90);
		assertThat(encoded).hasSize(16);
		assertThat(family(encoded)).isEqualTo((short) 2);
		assertThat(bytes(encoded, 2, 8)).containsExactly(0x1F, 0x90, 192, 0, 2, 7);
		assertThat(bytes(encoded, 8, 16)).containsOnly(0);
	}

	@Test
	void ipv6AddressIsASockaddrIn6() throws UnknownHostException {
		InetAddress address = Inet6Address.getByAddress(null, InetAddress.getByName("fe80::102:3ff").getAddress(), 5);
		byte[] encoded = SocketAddresses.encode(LibC.AF_INET6, address, 0xFFFE);
		assertThat(encoded).hasSize(28);
		assertThat(family(encoded)).isEqualTo((short) 10);
		assertThat(bytes(encoded, 2, 8)).containsExactly(0xFF, 0xFE, 0, 0, 0, 0);
		assertThat(bytes(encoded, 8, 24)).containsExactly(0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 0xFF);
		assertThat(ByteBuffer.wrap(encoded, 24, 4).order(ByteOrder.nativeOrder()).getInt()).isEqualTo(5);
	}

	@Test
	void anyIpv4AddressIsAnyIpv6AddressWhereThatIsAskedFor() {
		byte[] encoded = SocketAddresses.encode(LibC.AF_INET6, SocketAddresses.anyIpv4(), 80);
		assertThat(SocketAddresses.decode(encoded)).satisfies((decoded) -> {
			assertThat(decoded.getAddress()).isInstanceOf(Inet6Address.class);
			assertThat(decoded.getAddress().isAnyLocalAddress()).isTrue();
			assertThat(decoded.getPort()).isEqualTo(80);
		});
	}

	@ParameterizedTest
	@CsvSource({ "0.0.0.0, 0", "127.0.0.1, 8080", "255.255.255.255, 65535", "192.0.2.200, 32768" })
	void ipv4AddressIsDecodedAsItWasEncoded(String address, int port) throws UnknownHostException {
		InetSocketAddress original = new InetSocketAddress(InetAddress.getByName(address), port);
		assertThat(SocketAddresses.decode(SocketAddresses.encode(LibC.AF_INET, original.getAddress(), port)))
			.isEqualTo(original);
	}

	@ParameterizedTest
	@CsvSource({ "'::', 0", "::1, 8080", "2001:db8::ff, 65535", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff, 1" })
	void ipv6AddressIsDecodedAsItWasEncoded(String address, int port) throws UnknownHostException {
		InetSocketAddress original = new InetSocketAddress(InetAddress.getByName(address), port);
		assertThat(SocketAddresses.decode(SocketAddresses.encode(LibC.AF_INET6, original.getAddress(), port)))
			.isEqualTo(original);
	}

	@Test
	void anyIpv4AddressIsAnIpv4Address() {
		assertThat(SocketAddresses.anyIpv4()).isInstanceOf(Inet4Address.class)
			.satisfies((address) -> assertThat(address.isAnyLocalAddress()).isTrue());
	}

	@ParameterizedTest
	@ValueSource(ints = { 16, 28 })
	void bytesBehindAnIpv4AddressDoNotMatter(int length) throws UnknownHostException {
		byte[] encoded = SocketAddresses.encode(LibC.AF_INET, InetAddress.getByName("127.0.0.1"), 9);
		byte[] longer = Arrays.copyOf(encoded, length);
		longer[length - 1] = 1;
		assertThat(SocketAddresses.decode(longer)).isEqualTo(new InetSocketAddress("127.0.0.1", 9));
	}

	private static short family(byte[] encoded) {
		return ByteBuffer.wrap(encoded).order(ByteOrder.nativeOrder()).getShort();
	}

	private static int[] bytes(byte[] encoded, int from, int to) {
		int[] unsigned = new int[to - from];
		for (int i = from; i < to; i++) {
			unsigned[i - from] = encoded[i] & 0xFF;
		}
		return unsigned;
	}

}
