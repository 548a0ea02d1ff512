package dev.tomcorn.core.listener;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import dev.tomcorn.core.ChildJvm;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SharedListener}, with an arbiter and a worker in processes of their
 * own.
 */
@EnabledOnOs(OS.LINUX)
@Execution(ExecutionMode.CONCURRENT)
class SharedListenerTests {

	@Test
	void workerTakesOverWhatTheArbiterOpened() throws Exception {
		Process arbiter = ChildJvm.builder(Arbiter.class).start();
		try (BufferedReader out = arbiter.inputReader()) {
			int port = Integer.parseInt(out.readLine());
			assertThat(out.readLine()).isEqualTo("inherited true, waiting false, in -1");
			try (Socket client = connect(port)) {
				assertThat(out.readLine()).isEqualTo("waiting true");
				assertThat(client.getInputStream().readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("hello");
			}
			assertThat(out.readLine()).as("standard output of a worker that has stopped accepting")
				.isEqualTo("accepts no more");
			assertThat(out.readLine()).isEqualTo("worker ended with 0");
			try (Socket queued = connect(port)) {
				assertThat(queued.isConnected()).isTrue();
			}
		}
		finally {
			ChildJvm.end(arbiter);
		}
	}

	@Test
	void processWithoutASocketInheritsNone() throws Exception {
		Process worker = ChildJvm.builder(Worker.class).start();
		try (BufferedReader out = worker.inputReader()) {
			assertThat(out.readLine()).isEqualTo("inherited false");
			assertThat(out.readLine()).isEqualTo("File descriptor 0 is not a listening socket");
		}
		finally {
			ChildJvm.end(worker);
		}
	}

	private static Socket connect(int port) throws IOException {
		return new Socket(InetAddress.getLoopbackAddress(), port);
	}

	/**
	 * Opens the socket and starts a worker.
	 */
	static final class Arbiter {

		private Arbiter() {
		}

		public static void main(String[] arguments) throws Exception {
			ListeningSocket socket = ListeningSocket.open(InetAddress.getLoopbackAddress(), 0, 10, false);
			System.out.println(socket.localAddress().getPort());
			int exitCode = new ProcessBuilder(ChildJvm.command(Worker.class)).inheritIO().start().waitFor();
			System.out.println("worker ended with " + exitCode);
			Thread.currentThread().join();
		}

	}

	/**
	 * Serves one connection.
	 */
	static final class Worker {

		private Worker() {
		}

		public static void main(String[] arguments) throws Exception {
			if (!SharedListener.isInherited()) {
				System.out.println("inherited false");
			}
			try {
				serve(SharedListener.inherit());
			}
			catch (IOException ex) {
				System.out.println(ex.getMessage());
			}
		}

		private static void serve(SharedListener listener) throws IOException {
			System.out.println("inherited true, waiting " + listener.awaitWaitingConnection(Duration.ZERO) + ", in "
					+ System.in.read());
			System.out.println("waiting " + listener.awaitWaitingConnection(Duration.ofSeconds(30)));
			try (SocketChannel connection = listener.accept()) {
				connection.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
			}
			listener.stopAccepting();
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
