package dev.tomcorn.core.listener;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import dev.tomcorn.core.ChildJvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Tests for the end of a listening socket, in a process of its own. The process gets its
 * orders through a named pipe, because its standard input is the socket.
 */
@EnabledOnOs(OS.LINUX)
@Execution(ExecutionMode.CONCURRENT)
class ListeningSocketEndTests {

	@Test
	void clientsThatQueueAreServedAndNewOnesTurnedAway(@TempDir Path directory) throws Exception {
		try (Child child = Child.start(directory)) {
			int port = Integer.parseInt(child.read());
			assertThat(child.ask("queued")).isEqualTo("0");
			try (Socket first = connect(port, 5000); Socket second = connect(port, 5000)) {
				await().until(() -> child.ask("queued").equals("2"));
				assertThat(child.ask("turn away")).isEqualTo("turned away");
				assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> connect(port, 300));
				assertThat(child.ask("queued")).isEqualTo("2");
				assertThat(child.ask("serve")).isEqualTo("served");
				assertThat(first.getInputStream().read()).isEqualTo('x');
				assertThat(second.getInputStream().read()).isEqualTo('x');
				assertThat(child.ask("queued")).isEqualTo("0");
			}
			assertThat(child.ask("close")).isEqualTo("closed");
			assertThatExceptionOfType(ConnectException.class).isThrownBy(() -> connect(port, 5000));
			assertThat(child.ask("queued")).isEqualTo("-1");
		}
	}

	@Test
	void clientsThatAnotherTurnedAwayAreTakenInAgain(@TempDir Path directory) throws Exception {
		try (Child child = Child.start(directory)) {
			int port = Integer.parseInt(child.read());
			child.ask("another turns away");
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> connect(port, 300));
			assertThat(child.ask("take in")).isEqualTo("taken in");
			connect(port, 5000).close();
		}
	}

	@Test
	void whoHasTurnedClientsAwayTakesNoneInAgain(@TempDir Path directory) throws Exception {
		try (Child child = Child.start(directory)) {
			int port = Integer.parseInt(child.read());
			child.ask("turn away");
			assertThat(child.ask("take in")).isEqualTo("taken in");
			assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(() -> connect(port, 300));
		}
	}

	@Test
	void anotherArbiterInheritsTheSocket(@TempDir Path directory) throws Exception {
		try (Child child = Child.start(directory)) {
			int port = Integer.parseInt(child.read());
			assertThat(child.ask("inherit")).isEqualTo(Integer.toString(port));
			child.ask("close");
			assertThat(child.ask("inherit")).isEqualTo("File descriptor 0 is not a listening socket");
		}
	}

	private static Socket connect(int port, int limit) throws IOException {
		Socket socket = new Socket();
		socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), limit);
		return socket;
	}

	/**
	 * The process, as the test sees it.
	 */
	private record Child(Process process, BufferedReader out, BufferedWriter in) implements AutoCloseable {

		static Child start(Path directory) throws Exception {
			Path pipe = directory.resolve("pipe");
			assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
			List<String> command = new ArrayList<>(ChildJvm.command(Holder.class));
			command.add(pipe.toString());
			Process process = ChildJvm.builder(Holder.class).command(command).start();
			return new Child(process, process.inputReader(), Files.newBufferedWriter(pipe));
		}

		String read() throws IOException {
			return String.valueOf(this.out.readLine());
		}

		String ask(String what) throws IOException {
			this.in.write(what + "\n");
			this.in.flush();
			return read();
		}

		@Override
		public void close() throws IOException {
			ChildJvm.end(this.process);
			this.in.close();
		}

	}

	/**
	 * Holds the socket and follows the orders.
	 */
	static final class Holder {

		private Holder() {
		}

		public static void main(String[] arguments) throws Exception {
			ListeningSocket socket = ListeningSocket.open(InetAddress.getLoopbackAddress(), 0, 10, false);
			try (BufferedReader in = Files.newBufferedReader(Path.of(arguments[0]))) {
				System.out.println(socket.localAddress().getPort());
				String line;
				while ((line = in.readLine()) != null) {
					System.out.println(carryOut(socket, line));
				}
			}
		}

		private static String carryOut(ListeningSocket socket, String command) throws Exception {
			switch (command) {
				case "queued":
					ListeningSocket.Queue queue = socket.queue();
					return (queue != null) ? Integer.toString(queue.length()) : "-1";
				case "turn away":
					socket.refuseConnections();
					return "turned away";
				case "take in":
					socket.takeIn();
					return "taken in";
				case "another turns away":
					ListeningSocket.inherit(50, ListeningSocket.Origin.OWN).refuseConnections();
					return "turned away";
				case "close":
					socket.close();
					return "closed";
				case "inherit":
					try {
						return Integer
							.toString(ListeningSocket.inherit(50, ListeningSocket.Origin.OWN).localAddress().getPort());
					}
					catch (IOException ex) {
						return ex.getMessage();
					}
				default:
					new ProcessBuilder(ChildJvm.command(Server.class)).inheritIO().start().waitFor();
					return "served";
			}
		}

	}

	/**
	 * A worker that serves two connections.
	 */
	static final class Server {

		private Server() {
		}

		public static void main(String[] arguments) throws IOException {
			SharedListener listener = SharedListener.inherit();
			for (int number = 0; number < 2; number++) {
				listener.awaitWaitingConnection(Duration.ofSeconds(5));
				try (SocketChannel connection = listener.accept()) {
					connection.write(ByteBuffer.wrap(new byte[] { 'x' }));
				}
			}
		}

	}

}
