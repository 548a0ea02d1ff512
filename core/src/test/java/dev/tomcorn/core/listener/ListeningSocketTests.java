package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.NoRouteToHostException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.listener.ListenException.Reason;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link ListeningSocket}. None replaces file descriptor 0, which belongs to
 * Surefire.
 */
@EnabledOnOs(OS.LINUX)
@Isolated("It counts the open descriptors of this process")
class ListeningSocketTests {

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void portOfAnotherListenerIsInUse(boolean reusePort) throws IOException {
		try (ServerSocket other = new ServerSocket(0)) {
			int port = other.getLocalPort();
			assertThatExceptionOfType(ListenException.class)
				.isThrownBy(() -> ListeningSocket.open(null, port, 10, reusePort))
				.withMessage("Cannot listen on any address port " + port + ": bind failed with errno 98")
				.satisfies((ex) -> {
					assertThat(ex.reason()).isEqualTo(Reason.IN_USE);
					assertThat(ex.address()).isNull();
					assertThat(ex.port()).isEqualTo(port);
				});
		}
	}

	@Test
	void portOfAnotherListenerOnTheSameAddressIsInUse() throws IOException {
		InetAddress loopback = InetAddress.getByName("127.0.0.1");
		try (ServerSocket other = new ServerSocket(0, 10, loopback)) {
			int port = other.getLocalPort();
			assertThatExceptionOfType(ListenException.class)
				.isThrownBy(() -> ListeningSocket.open(loopback, port, 10, false))
				.withMessageStartingWith("Cannot listen on 127.0.0.1 port " + port + ": ")
				.satisfies((ex) -> {
					assertThat(ex.reason()).isEqualTo(Reason.IN_USE);
					assertThat(ex.address()).isEqualTo(loopback);
				});
		}
	}

	@Test
	void addressOfAnotherMachineIsRefused() throws UnknownHostException {
		InetAddress elsewhere = InetAddress.getByName("192.0.2.1");
		assertThatExceptionOfType(ListenException.class).isThrownBy(() -> ListeningSocket.open(elsewhere, 0, 10, false))
			.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(Reason.NO_SUCH_ADDRESS));
	}

	@Test
	void failedAttemptsLeaveNoDescriptorOpen() throws IOException {
		InetAddress elsewhere = InetAddress.getByName("192.0.2.1");
		long before = sockets();
		for (int attempt = 0; attempt < 20; attempt++) {
			assertThatExceptionOfType(ListenException.class)
				.isThrownBy(() -> ListeningSocket.open(elsewhere, 0, 10, false));
		}
		assertThat(sockets()).isLessThan(before + 20);
	}

	/**
	 * The expected address is the one that Java itself binds to.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "0.0.0.0", "::", "[::]", "127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost" })
	void addressIsListenedOnAsJavaListensOnIt(String text) throws IOException {
		InetAddress address = InetAddress.getByName(text);
		assumeTrue(address instanceof Inet4Address
				|| NetworkInterface.getByInetAddress(InetAddress.getByName("::1")) != null, "no IPv6 here");
		try (ServerSocketChannel java = ServerSocketChannel.open().bind(new InetSocketAddress(address, 0));
				ListeningSocket ours = ListeningSocket.openFurther(address, 0, 10)) {
			int port = java.socket().getLocalPort();
			for (String client : List.of("127.0.0.1", "127.0.0.2", "::1")) {
				assertThat(answers(client, ours.localAddress().getPort())).as(client).isEqualTo(answers(client, port));
			}
		}
	}

	/**
	 * A link-local address is one of an interface.
	 */
	@Test
	void linkLocalAddressIsListenedOn() throws IOException {
		for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
			for (InetAddress address : Collections.list(network.getInetAddresses())) {
				if (network.isUp() && address.isLinkLocalAddress()) {
					try (ListeningSocket ours = ListeningSocket.openFurther(address, 0, 10);
							Socket client = new Socket(address, ours.localAddress().getPort())) {
						assertThat(client.isConnected()).isTrue();
					}
				}
			}
		}
	}

	private static boolean answers(String address, int port) throws IOException {
		try (Socket client = new Socket(InetAddress.getByName(address), port)) {
			return client.isConnected();
		}
		catch (ConnectException | NoRouteToHostException ex) {
			return false;
		}
	}

	private static long sockets() throws IOException {
		try (var descriptors = Files.list(Path.of("/proc/self/fd"))) {
			return descriptors.count();
		}
	}

	@ParameterizedTest
	@CsvSource({ "98, IN_USE", "13, NOT_PERMITTED", "99, NO_SUCH_ADDRESS", "97, OTHER", "24, OTHER", "0, OTHER" })
	void errnoTellsTheReason(int errno, Reason reason) {
		ListenException ex = new ListenException(null, 80, new LibC.ErrnoException("bind", errno));
		assertThat(ex.reason()).isEqualTo(reason);
		assertThat(ex).hasMessage("Cannot listen on any address port 80: bind failed with errno " + errno);
	}

}
