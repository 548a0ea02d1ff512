package dev.tomcorn.core.control;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for {@link WakeableInput}.
 */
class WakeableInputTests {

	private final Queue<String> events = new ConcurrentLinkedQueue<>();

	@TempDir
	private Path directory;

	private SocketChannel channel;

	private SocketChannel other;

	private WakeableInput input;

	private Thread reader;

	@BeforeEach
	void connect() throws IOException {
		Path socket = this.directory.resolve("s");
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(socket));
			this.channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
			this.other = server.accept();
		}
		this.input = new WakeableInput(this.channel);
		this.input.begin();
		this.reader = Thread.ofPlatform().daemon().start(this::read);
	}

	@AfterEach
	void close() throws Exception {
		this.input.close();
		this.other.close();
		this.reader.join();
	}

	private void read() {
		try {
			int next;
			while ((next = this.input.read()) >= 0) {
				this.events.add(Character.toString(next));
			}
			this.events.add("end");
		}
		catch (IOException ex) {
			this.events.add("closed");
		}
	}

	private void send(String text) throws IOException {
		this.other.write(ByteBuffer.wrap(text.getBytes()));
	}

	@Test
	void bytesArriveAlsoWhenTheEndIsNear() throws IOException {
		send("ab");
		await().untilAsserted(() -> assertThat(this.events).containsExactly("a", "b"));
		this.input.endIsNear();
		send("c");
		await().untilAsserted(() -> assertThat(this.events).containsExactly("a", "b", "c"));
		this.other.close();
		await().untilAsserted(() -> assertThat(this.events).endsWith("end"));
	}

	@Test
	void endOfTheOtherSideIsSeen() throws IOException {
		this.other.close();
		await().untilAsserted(() -> assertThat(this.events).containsExactly("end"));
	}

	@Test
	void readerLeavesNativeCodeWhenTheEndIsNear() {
		await().until(() -> isWithin("select"));
		assertThat(this.reader.getState()).isEqualTo(Thread.State.RUNNABLE);
		this.input.endIsNear();
		await().until(() -> isWithin("parkNanos") && this.reader.getState() == Thread.State.TIMED_WAITING);
	}

	private boolean isWithin(String method) {
		for (StackTraceElement frame : this.reader.getStackTrace()) {
			if (frame.getMethodName().equals(method)) {
				return true;
			}
		}
		return false;
	}

	@Test
	void closingEndsTheWait() throws IOException {
		await().until(() -> isWithin("select"));
		this.input.close();
		await().untilAsserted(() -> assertThat(this.events).containsExactly("closed"));
	}

}
