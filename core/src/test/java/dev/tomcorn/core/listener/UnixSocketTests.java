package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for Unix domain sockets of an arbiter and their files. None becomes descriptor 0,
 * which belongs to Surefire.
 */
@EnabledOnOs(OS.LINUX)
class UnixSocketTests {

	@TempDir
	private Path directory;

	private BindAddress.Unix address(String options) {
		return (BindAddress.Unix) BindAddress.of("unix:" + this.directory.resolve("app.sock") + options);
	}

	private ListeningSocket open() {
		return SocketOpening.unix(address(""), 10);
	}

	private SocketChannel connect() throws IOException {
		return SocketChannel.open(UnixDomainSocketAddress.of(this.directory.resolve("app.sock")));
	}

	/**
	 * A process that another test starts has this socket too, until its program begins.
	 */
	private void close(ListeningSocket socket) {
		socket.close();
		await()
			.untilAsserted(() -> assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect().close()));
	}

	@Test
	void modeIsSet() throws IOException {
		try (ListeningSocket socket = SocketOpening.unix(address("?mode=0612"), 10)) {
			assertThat(Files.getPosixFilePermissions(address("").path()))
				.isEqualTo(PosixFilePermissions.fromString("rw---x-w-"));
			assertThat(socket.address()).isEqualTo(UnixDomainSocketAddress.of(address("").path()));
		}
	}

	@Test
	void whatWasLeftBehindIsReplacedAndWhatIsServedIsNot() throws IOException {
		ListeningSocket killed = open();
		assertThatExceptionOfType(BindFailure.class).isThrownBy(this::open)
			.satisfies((ex) -> assertThat(ex.problem()).startsWith("Another process listens on"));
		close(killed);
		assertThat(address("").path()).exists();
		try (ListeningSocket next = open(); SocketChannel client = connect()) {
			assertThat(client.isConnected()).isTrue();
			assertThat(next.origin().fileKey()).isNotEqualTo(killed.origin().fileKey());
		}
		assertThat(this.directory).isDirectoryNotContaining("glob:**/.*");
	}

	@Test
	void whatWasLeftBehindIsReplacedAtTheLongestPath() {
		String name = "x".repeat(UnixSocketFile.MAX_PATH - this.directory.toString().length() - 1);
		BindAddress.Unix longest = (BindAddress.Unix) BindAddress.of("unix:" + this.directory.resolve(name));
		SocketOpening.unix(longest, 10).close();
		await().ignoreExceptionsInstanceOf(BindFailure.class)
			.untilAsserted(() -> SocketOpening.unix(longest, 10).close());
		assertThat(this.directory).isDirectoryNotContaining("glob:**/.*");
	}

	@Test
	void fullQueueIsServedToo() throws IOException {
		List<SocketChannel> clients = new ArrayList<>();
		try (ListeningSocket socket = SocketOpening.unix(address(""), 1)) {
			for (int i = 0; i < 2; i++) {
				clients.add(connect());
			}
			assertThat(socket.waiting(socket.queue())).isEqualTo(2);
			assertThatExceptionOfType(BindFailure.class).isThrownBy(this::open);
		}
		finally {
			for (SocketChannel client : clients) {
				client.close();
			}
		}
	}

	@Test
	void otherFilesAreLeftAlone() throws IOException {
		Files.writeString(address("").path(), "precious");
		assertThatExceptionOfType(BindFailure.class).isThrownBy(this::open)
			.satisfies((ex) -> assertThat(ex.problem()).endsWith("exists and is not a socket."));
		assertThat(address("").path()).hasContent("precious");
	}

	@Test
	void pipesAreLeftAlone() throws Exception {
		Path path = address("").path();
		assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor()).isZero();
		assertThatExceptionOfType(BindFailure.class).isThrownBy(this::open)
			.satisfies((ex) -> assertThat(ex.problem()).endsWith("exists and is not a socket."));
		assertThat(path).exists();
	}

	@Test
	void failuresNameTheRemedyAndLeaveNothing() {
		BindAddress.Unix nowhere = (BindAddress.Unix) BindAddress.of("unix:" + this.directory + "/none/app.sock");
		assertThatExceptionOfType(BindFailure.class).isThrownBy(() -> SocketOpening.unix(nowhere, 10))
			.satisfies((ex) -> assertThat(ex.problem()).endsWith("none is not a directory."));
		assertThatExceptionOfType(BindFailure.class)
			.isThrownBy(() -> SocketOpening.unix(address("?group=no-such-group"), 10))
			.satisfies((ex) -> assertThat(ex.problem()).isEqualTo("This machine has no group 'no-such-group'."));
		assertThat(address("").path()).doesNotExist();
	}

	@Test
	void allAreOpenedOrNone() throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			List<BindAddress> addresses = List.of(address(""), BindAddress.of("127.0.0.1:" + taken.getLocalPort()));
			assertThatExceptionOfType(BindFailure.class).isThrownBy(() -> ListeningSockets.open(addresses, 10, false))
				.satisfies((ex) -> assertThat(ex.problem())
					.isEqualTo("Port %d is already in use.".formatted(taken.getLocalPort())));
		}
		assertThat(address("").path()).doesNotExist();
		List<BindAddress> unknown = List.of(address(""), BindAddress.of("no-such-host.invalid:80"));
		assertThatExceptionOfType(BindFailure.class).isThrownBy(() -> ListeningSockets.open(unknown, 10, false))
			.satisfies((ex) -> assertThat(ex.problem()).isEqualTo("There is no host 'no-such-host.invalid'."));
		assertThat(address("").path()).doesNotExist();
	}

	@Test
	void fileOfAnotherSocketStays() throws IOException {
		ListeningSocket first = open();
		close(first);
		try (ListeningSocket second = open()) {
			first.removeFile();
			assertThat(address("").path()).exists();
			assertThat(ListeningSockets.describe(second.address())).isEqualTo("unix:" + address("").path());
			second.removeFile();
			assertThat(address("").path()).doesNotExist();
		}
	}

	@Test
	void kernelTellsTheQueue() throws IOException {
		try (ListeningSocket socket = open()) {
			assertThat(socket.queue()).isEqualTo(new ListeningSocket.Queue(0, 10));
			try (SocketChannel first = connect(); SocketChannel second = connect()) {
				assertThat(first.isConnected() && second.isConnected()).isTrue();
				assertThat(socket.queue()).isEqualTo(new ListeningSocket.Queue(2, 10));
				assertThat(socket.waiting(socket.queue())).isEqualTo(2);
			}
		}
	}

	@Test
	void nothingIsAskedOfAClosedDescriptor() throws IOException {
		ListeningSocket socket = open();
		socket.close();
		// Gets the number of the descriptor that was closed
		BindAddress.Unix other = (BindAddress.Unix) BindAddress.of("unix:" + this.directory.resolve("other.sock"));
		try (ListeningSocket next = SocketOpening.unix(other, 10);
				SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(other.path()))) {
			assertThat(client.isConnected()).isTrue();
			assertThat(socket.queue()).isNull();
			assertThat(socket.waiting(null)).isZero();
			assertThat(next.waiting(next.queue())).isEqualTo(1);
		}
	}

	@Test
	void turningAwayRemovesTheFileAndKeepsTheQueue() throws IOException {
		try (ListeningSocket socket = open(); SocketChannel waiting = connect()) {
			assertThat(waiting.isConnected()).isTrue();
			socket.refuseConnections();
			assertThat(address("").path()).doesNotExist();
			assertThat(socket.waiting(socket.queue())).isEqualTo(1);
		}
	}

	@Test
	void workersTakeItFromTheDescriptorServer() throws IOException {
		Path descriptorServer = this.directory.resolve("listen-1.sock");
		try (ListeningSocket socket = open(); DescriptorServer open = DescriptorServer.open(descriptorServer, socket)) {
			assertThat(open).isNotNull();
			ReceivedListener listener = ReceivedListener.receive(descriptorServer);
			SeveralListeners listeners = SeveralListeners.of(List.of(listener));
			assertThat(listeners.awaitWaitingConnection(Duration.ZERO)).as("nobody waits").isFalse();
			try (SocketChannel client = connect()) {
				assertThat(listeners.awaitWaitingConnection(Duration.ofSeconds(10))).isTrue();
				try (SocketChannel accepted = listeners.accept()) {
					assertThat(accepted.getLocalAddress()).isEqualTo(UnixDomainSocketAddress.of(address("").path()));
				}
				assertThat(client.isConnected()).isTrue();
			}
			listeners.stopAccepting();
			try (SocketChannel queued = connect()) {
				assertThat(queued.isConnected()).as("the arbiter still holds it").isTrue();
			}
		}
	}

}
