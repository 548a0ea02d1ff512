package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link SeveralListeners} with a port and a Unix domain socket of a solo
 * application.
 */
@EnabledOnOs(OS.LINUX)
class SeveralListenersTests {

	@TempDir
	private Path directory;

	private Path path;

	private SharedListener listeners;

	private final List<SocketChannel> clients = new ArrayList<>();

	@BeforeEach
	void open() throws IOException {
		this.path = this.directory.resolve("app.sock");
		this.listeners = SoloListeners.open(List.of(BindAddress.of("unix:" + this.path), BindAddress.of("127.0.0.1:0")),
				10);
	}

	@AfterEach
	void close() throws IOException {
		this.listeners.stopAccepting();
		for (SocketChannel client : this.clients) {
			client.close();
		}
	}

	private SocketAddress tcp() throws IOException {
		return this.listeners.channel().getLocalAddress();
	}

	private SocketAddress unix() {
		return UnixDomainSocketAddress.of(this.path);
	}

	private void connect(SocketAddress address, int times) throws IOException {
		for (int i = 0; i < times; i++) {
			this.clients.add(SocketChannel.open(address));
		}
	}

	private int acceptedFrom() throws IOException {
		try (SocketChannel connection = this.listeners.accept()) {
			assertThat(connection).isNotNull();
			return this.listeners.lastListener();
		}
	}

	@Test
	void eachHasItsTurn() throws IOException {
		connect(unix(), 4);
		connect(tcp(), 2);
		List<Integer> order = new ArrayList<>();
		for (int i = 0; i < 6; i++) {
			assertThat(this.listeners.awaitWaitingConnection(Duration.ofSeconds(10))).isTrue();
			order.add(acceptedFrom());
		}
		assertThat(order).containsExactly(0, 1, 0, 1, 0, 0);
		assertThat(this.listeners.awaitWaitingConnection(Duration.ZERO)).isFalse();
	}

	@Test
	void portIsThatOfTheFirstThatHasOne() throws IOException {
		assertThat(tcp()).isInstanceOf(InetSocketAddress.class);
		assertThat(this.listeners.ports()).containsExactly(((InetSocketAddress) tcp()).getPort());
	}

	@Test
	void waitEndsWithAConnectionOrWhenAsked() throws Exception {
		CompletableFuture<SocketChannel> accepted = accept();
		connect(unix(), 1);
		assertThat(accepted.get()).isNotNull();
		long looks = this.listeners.emptyLooks();
		CompletableFuture<SocketChannel> woken = accept();
		await().until(() -> this.listeners.emptyLooks() > looks);
		assertThat(woken).isNotDone();
		this.listeners.wakeUp();
		assertThat(woken.get()).isNull();
	}

	@Test
	void stopEndsTheWaitAndRemovesTheFile() throws Exception {
		long looks = this.listeners.emptyLooks();
		CompletableFuture<SocketChannel> accepted = accept();
		await().until(() -> this.listeners.emptyLooks() > looks);
		InetSocketAddress address = (InetSocketAddress) tcp();
		this.listeners.stopAccepting();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(accepted::join)
			.withRootCauseInstanceOf(ClosedChannelException.class);
		assertThat(this.path).doesNotExist();
		// A process that another test starts has the socket too, until its program begins
		await().ignoreExceptionsInstanceOf(BindException.class)
			.untilAsserted(() -> new ServerSocket(address.getPort(), 1, InetAddress.getLoopbackAddress()).close());
	}

	private CompletableFuture<SocketChannel> accept() {
		return CompletableFuture.supplyAsync(() -> {
			try {
				return this.listeners.accept();
			}
			catch (IOException ex) {
				throw new CompletionException(ex);
			}
		}, (task) -> Thread.ofPlatform().daemon().start(task));
	}

	@Test
	void clientsAreTurnedAwayBeforeTheQueueIsServed() throws IOException {
		connect(unix(), 1);
		this.listeners.refuseConnections();
		assertThat(this.path).doesNotExist();
		assertThat(acceptedFrom()).isZero();
	}

	@Test
	void passedSocketIsLeftToTheNextStart() throws IOException {
		int fd = SocketOpening.tcp(InetAddress.getLoopbackAddress(), 0, 10, false);
		try {
			List<BindAddress> passed = List.of(BindAddress.of("fd://" + fd));
			SharedListener first = SoloListeners.open(passed, 10);
			try {
				connect(first.channel().getLocalAddress(), 1);
				assertThat(first.awaitWaitingConnection(Duration.ofSeconds(10))).isTrue();
				first.refuseConnections();
				assertThat(first.awaitWaitingConnection(Duration.ZERO)).isFalse();
				first.wakeUp();
				assertThat(first.accept()).isNull();
			}
			finally {
				first.stopAccepting();
			}
			SharedListener second = SoloListeners.open(passed, 10);
			try (SocketChannel connection = second.accept()) {
				assertThat(connection).isNotNull();
			}
			finally {
				second.stopAccepting();
			}
		}
		finally {
			LibC.close(fd);
		}
	}

	@Test
	void passedSocketStandsThereOnce() throws IOException {
		int fd = SocketOpening.tcp(InetAddress.getLoopbackAddress(), 0, 10, false);
		try {
			BindAddress passed = BindAddress.of("fd://" + fd);
			assertThatExceptionOfType(BindFailure.class)
				.isThrownBy(() -> SoloListeners.open(List.of(passed, passed), 10))
				.satisfies((ex) -> assertThat(ex.problem())
					.isEqualTo("Descriptor %d is named twice in tomcorn.bind.".formatted(fd)));
		}
		finally {
			LibC.close(fd);
		}
	}

	@Test
	void allAreOpenedOrNone() throws IOException {
		Path other = this.directory.resolve("other.sock");
		int taken = ((InetSocketAddress) tcp()).getPort();
		assertThatExceptionOfType(BindFailure.class)
			.isThrownBy(() -> SoloListeners
				.open(List.of(BindAddress.of("unix:" + other), BindAddress.of("127.0.0.1:" + taken)), 10))
			.satisfies((ex) -> assertThat(ex.problem()).isEqualTo("Port %d is already in use.".formatted(taken)));
		assertThat(other).doesNotExist();
		assertThatExceptionOfType(BindFailure.class)
			.isThrownBy(() -> SoloListeners.open(List.of(BindAddress.of("unix:" + this.path)), 10))
			.satisfies((ex) -> assertThat(ex.problem()).startsWith("Another process listens on"));
		assertThat(Files.exists(this.path)).isTrue();
	}

}
