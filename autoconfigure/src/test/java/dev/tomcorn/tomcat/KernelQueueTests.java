package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class KernelQueueTests {

	@ParameterizedTest
	@ValueSource(strings = { "127.0.0.1", "0.0.0.0" })
	void countsWhoWaitsAndNobodyElse(String address) throws IOException {
		List<Socket> clients = new ArrayList<>();
		try (ServerSocket server = new ServerSocket()) {
			server.bind(new InetSocketAddress(InetAddress.getByName(address), 0));
			int port = server.getLocalPort();
			assertThat(KernelQueue.length(port)).isEqualTo(OptionalInt.of(0));
			for (int i = 0; i < 3; i++) {
				clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
			}
			await().until(() -> KernelQueue.length(port).orElseThrow() == 3);
			clients.add(server.accept());
			assertThat(KernelQueue.length(port)).isEqualTo(OptionalInt.of(2));
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
		assertThat(KernelQueue.length(port)).isEmpty();
		assertThat(KernelQueue.length(-1)).isEmpty();
	}

}
