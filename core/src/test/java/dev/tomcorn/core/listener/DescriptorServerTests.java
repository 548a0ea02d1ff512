package dev.tomcorn.core.listener;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import dev.tomcorn.core.ChildJvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link DescriptorServer}.
 */
@EnabledOnOs(OS.LINUX)
class DescriptorServerTests {

	@TempDir
	private Path directory;

	private Path path;

	private ListeningSocket socket;

	private DescriptorServer descriptorServer;

	@BeforeEach
	void open() throws IOException {
		this.path = this.directory.resolve("run").resolve("manage.sock");
		Files.createDirectory(this.path.getParent());
		this.socket = ListeningSocket.openFurther(InetAddress.getLoopbackAddress(), 0, 10);
		this.descriptorServer = DescriptorServer.open(this.path, this.socket);
	}

	@AfterEach
	void close() {
		this.descriptorServer.close();
		this.socket.close();
	}

	@Test
	void processesAcceptFromOneSocketAndClosingInOneLeavesTheOthers() throws Exception {
		ReceivedListener here = ReceivedListener.receive(this.path);
		Process other = new ProcessBuilder(withPath()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try (BufferedReader out = other.inputReader()) {
			assertThat(out.readLine()).isEqualTo("port " + this.socket.localAddress().getPort());
			assertThat(answer()).isEqualTo("from the other");
			assertThat(out.readLine()).isEqualTo("accepts no more");
			assertThat(other.waitFor()).isZero();
			here.resume();
			CompletableFuture<Boolean> accepted = accept(here);
			assertThat(answer()).isEqualTo("hello");
			assertThat(accepted.get()).isTrue();
			here.stopAccepting();
			try (Socket queued = connect()) {
				assertThat(queued.isConnected()).as("the arbiter still holds it").isTrue();
				awaitOneQueued(this.socket);
			}
		}
		finally {
			ChildJvm.end(other);
		}
	}

	/**
	 * The client may be connected before the kernel has queued the connection.
	 */
	private static void awaitOneQueued(ListeningSocket socket) {
		await().untilAsserted(() -> assertThat(socket.queue()).extracting(ListeningSocket.Queue::length).isEqualTo(1));
	}

	private List<String> withPath() {
		List<String> command = new ArrayList<>(ChildJvm.command(Other.class));
		command.add(this.path.toString());
		return command;
	}

	@Test
	void pauseEndsAnAcceptUnderWayAndResumeBeginsAgain() throws Exception {
		ReceivedListener listener = ReceivedListener.receive(this.path);
		assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(listener::accept);
		for (int i = 0; i < 20; i++) {
			listener.resume();
			CompletableFuture<Boolean> accepted = accept(listener);
			listener.pause();
			assertThat(accepted.get()).as("accepted nothing").isFalse();
		}
		try (Socket queued = connect()) {
			assertThat(listener.awaitWaitingConnection(Duration.ofSeconds(5))).isTrue();
			listener.resume();
			assertThat(accept(listener).get()).isTrue();
			assertThat(queued.getInputStream().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
		}
		listener.stopAccepting();
		listener.stopAccepting();
		listener.resume();
		assertThatExceptionOfType(ClosedChannelException.class).isThrownBy(listener::accept);
	}

	@Test
	void listenerTellsWhereItIsBoundAlsoWhilePaused() throws Exception {
		ReceivedListener listener = ReceivedListener.receive(this.path);
		assertThat(listener.channel().getLocalAddress()).isEqualTo(this.socket.localAddress());
		listener.resume();
		assertThat(listener.channel().getLocalAddress()).isEqualTo(this.socket.localAddress());
		listener.stopAccepting();
	}

	@Test
	void socketOnAnyAddressIsHandedOutToo() throws Exception {
		try (ListeningSocket any = ListeningSocket.openFurther(null, 0, 10)) {
			Path other = this.path.resolveSibling("any.sock");
			DescriptorServer ofAny = DescriptorServer.open(other, any);
			ReceivedListener listener = ReceivedListener.receive(other);
			listener.resume();
			CompletableFuture<Boolean> accepted = accept(listener);
			try (Socket client = new Socket(InetAddress.getLoopbackAddress(), any.localAddress().getPort())) {
				client.setSoTimeout(30_000);
				assertThat(accepted.get()).isTrue();
				assertThat(client.getInputStream().readAllBytes()).hasSize(5);
			}
			listener.stopAccepting();
			ofAny.close();
		}
	}

	@Test
	void successorTakesTheSocketOver() throws Exception {
		try (ListeningSocket successor = ListeningSocket.receive(this.path, 10)) {
			assertThat(successor.localAddress()).isEqualTo(this.socket.localAddress());
			this.socket.close();
			try (Socket queued = connect(successor.localAddress())) {
				assertThat(queued.isConnected()).isTrue();
				awaitOneQueued(successor);
			}
		}
	}

	@Test
	void floodOfSilentAndTalkativeConnectionsHoldsNobodyUp() throws Exception {
		List<SocketChannel> flood = new ArrayList<>();
		try {
			for (int i = 0; i < 300; i++) {
				SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.path));
				flood.add(channel);
				try {
					channel
						.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".repeat(i).getBytes(StandardCharsets.US_ASCII)));
				}
				catch (IOException ex) {
					// It has hung up already
				}
			}
			// While all of them are still there
			ReceivedListener.receive(this.path).stopAccepting();
		}
		finally {
			for (SocketChannel channel : flood) {
				channel.close();
			}
		}
	}

	@Test
	void socketIsReachableAgainWhenSomebodyHasRemovedIt() throws Exception {
		Files.delete(this.path);
		assertThatIOException().isThrownBy(() -> ReceivedListener.receive(this.path))
			.withMessageContaining(this.path.toString());
		this.descriptorServer.restore();
		this.descriptorServer.restore();
		ReceivedListener.receive(this.path).stopAccepting();
	}

	@Test
	void whoeverHandsOutNothingIsNoArbiter() throws Exception {
		Path other = this.path.resolveSibling("other.sock");
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(other));
			CompletableFuture<IOException> silent = receive(other);
			server.accept().close();
			assertThat(silent.get()).hasMessageContaining("Closed before");
			CompletableFuture<IOException> garbage = receive(other);
			try (SocketChannel connection = server.accept()) {
				connection.write(ByteBuffer.wrap(new byte[100]));
				assertThat(garbage.get()).hasMessageContaining("without a descriptor");
			}
		}
	}

	@Test
	void pathThatIsTooLongIsRefused() {
		Path tooLong = this.directory.resolve("x".repeat(110));
		assertThatIOException().isThrownBy(() -> DescriptorServer.open(tooLong, this.socket))
			.withMessageContaining("at most 107 bytes");
	}

	private static CompletableFuture<IOException> receive(Path from) {
		CompletableFuture<IOException> failure = new CompletableFuture<>();
		Thread.ofPlatform().daemon().start(() -> {
			try {
				ReceivedListener.receive(from);
			}
			catch (IOException ex) {
				failure.complete(ex);
			}
		});
		return failure;
	}

	/**
	 * Accept a connection on a thread of its own and say hello.
	 * @return whether there was one before accepting ended
	 */
	private static CompletableFuture<Boolean> accept(ReceivedListener listener) {
		CompletableFuture<Boolean> accepted = new CompletableFuture<>();
		Thread.ofPlatform().daemon().start(() -> {
			try (SocketChannel connection = listener.accept()) {
				connection.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
				accepted.complete(true);
			}
			catch (ClosedChannelException ex) {
				accepted.complete(false);
			}
			catch (IOException ex) {
				accepted.completeExceptionally(ex);
			}
		});
		return accepted;
	}

	private String answer() throws IOException {
		try (Socket client = connect()) {
			return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	private Socket connect() throws IOException {
		return connect(this.socket.localAddress());
	}

	private static Socket connect(InetSocketAddress address) throws IOException {
		Socket socket = new Socket(address.getAddress(), address.getPort());
		socket.setSoTimeout(30_000);
		return socket;
	}

	/**
	 * Serves one connection in a process of its own.
	 */
	static final class Other {

		private Other() {
		}

		public static void main(String[] arguments) throws Exception {
			ReceivedListener listener = ReceivedListener.receive(Path.of(arguments[0]));
			listener.resume();
			System.out.println("port " + ((InetSocketAddress) listener.channel().getLocalAddress()).getPort());
			try (SocketChannel connection = listener.accept()) {
				connection.write(ByteBuffer.wrap("from the other".getBytes(StandardCharsets.UTF_8)));
			}
			listener.stopAccepting();
			try {
				listener.accept();
			}
			catch (ClosedChannelException ex) {
				System.out.println("accepts no more");
			}
		}

	}

}
