package dev.tomcorn.core.control;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link ControlClient} with a frozen arbiter: the kernel queues connections up
 * to a limit, and no process accepts them.
 */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(60)
class ControlClientTests {

	private static final Duration PATIENCE = Duration.ofMillis(300);

	private final List<SocketChannel> clients = new ArrayList<>();

	private Path socket;

	private ServerSocketChannel frozen;

	@BeforeEach
	void freeze(@TempDir Path directory) throws IOException {
		this.socket = directory.resolve("s");
		this.frozen = ServerSocketChannel.open(StandardProtocolFamily.UNIX)
			.bind(UnixDomainSocketAddress.of(this.socket), 1);
	}

	@AfterEach
	void close() throws IOException {
		this.frozen.close();
		for (SocketChannel client : this.clients) {
			client.close();
		}
	}

	private void fillTheQueue() throws IOException {
		SocketChannel client;
		do {
			client = SocketChannel.open(StandardProtocolFamily.UNIX);
			client.configureBlocking(false);
			this.clients.add(client);
		}
		while (connects(client));
	}

	private boolean connects(SocketChannel client) {
		try {
			return client.connect(UnixDomainSocketAddress.of(this.socket));
		}
		catch (IOException ex) {
			// Would block
			return false;
		}
	}

	@Test
	void workerWaitsForAFrozenArbiterNoLongerThanItMay() {
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> ControlClient.connect(this.socket, 1, "token", 50, PATIENCE))
			.withMessage("The arbiter has not answered within 300 ms");
	}

	@Test
	void workerIsNotEvenConnectedForLongerThanItMay() throws IOException {
		fillTheQueue();
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> ControlClient.connect(this.socket, 1, "token", 50, PATIENCE));
	}

	@Test
	void arbiterThatTakesOverFromAFrozenOneMayTryAgain() throws IOException {
		for (int attempt = 0; attempt < 2; attempt++) {
			assertThatExceptionOfType(SocketTimeoutException.class)
				.isThrownBy(() -> ControlClient.takeOver(this.socket, "token", PATIENCE));
		}
		fillTheQueue();
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> ControlClient.takeOver(this.socket, "token", PATIENCE));
	}

	@Test
	void whoGivesUpLeavesNoThreadBehind() {
		assertThatExceptionOfType(SocketTimeoutException.class)
			.isThrownBy(() -> ControlClient.connect(this.socket, 4711, "token", 1, PATIENCE));
		await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().equals("tomcorn-control-connect")));
	}

}
