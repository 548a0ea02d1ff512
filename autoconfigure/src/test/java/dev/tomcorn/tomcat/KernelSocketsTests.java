package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

import dev.tomcorn.tomcat.KernelSockets.Client;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class KernelSocketsTests {

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "0.0.0.0" })
	void countsWhoWaitsAndNobodyElse(String address) throws IOException {
		List<Socket> clients = new ArrayList<>();
		try (ServerSocket server = new ServerSocket()) {
			server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
			int port = server.getLocalPort();
			assertThat(KernelSockets.of(port).queued()).isEqualTo(OptionalInt.of(0));
			for (int i = 0; i < 3; i++) {
				clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
			}
			await().until(() -> KernelSockets.of(port).queued().orElseThrow() == 3);
			clients.add(server.accept());
			assertThat(KernelSockets.of(port).queued()).isEqualTo(OptionalInt.of(2));
		}
		finally {
			for (Socket client : clients) {
				client.close();
			}
		}
	}

	@Test
	void knowsNothingWhereNobodyListens() throws IOException {
		int port;
		try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			port = server.getLocalPort();
		}
		assertThat(KernelSockets.of(port).queued()).isEmpty();
		assertThat(KernelSockets.of(-1).queued()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "0.0.0.0", "::1", "::" })
	void tellsWhetherAClientIsThere(String address) throws IOException {
		List<Socket> clients = new ArrayList<>();
		try (ServerSocket server = new ServerSocket()) {
			server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
			int port = server.getLocalPort();
			InetAddress target = InetAddress.getByName(address.contains(":") ? "::1" : "127.0.0.1");
			Socket client = new Socket(target, port);
			clients.add(client);
			try (Socket accepted = server.accept()) {
				InetSocketAddress remote = (InetSocketAddress) accepted.getRemoteSocketAddress();
				assertThat(KernelSockets.of(port).client(remote)).isEqualTo(Client.PRESENT);
				client.getOutputStream().write("unread".getBytes(StandardCharsets.US_ASCII));
				client.shutdownOutput();
				await().until(() -> KernelSockets.of(port).client(remote) == Client.FINISHED);
				client.setSoLinger(true, 0);
				client.close();
				await().until(() -> KernelSockets.of(port).client(remote) == Client.GONE);
			}
		}
		finally {
			for (Socket client : clients) {
				client.close();
			}
		}
	}

	@Test
	void knowsNoClientWhereTheKernelDoesNotTell() {
		assertThat(KernelSockets.of(-1).client(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1)))
			.isEqualTo(Client.UNKNOWN);
	}

}
