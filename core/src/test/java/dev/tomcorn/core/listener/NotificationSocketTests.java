package dev.tomcorn.core.listener;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;

import dev.tomcorn.core.foreign.CFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

@EnabledOnOs(OS.LINUX)
class NotificationSocketTests {

	private static final int SIZE = 1024;

	private final CFunction recv = CFunction.of("recv", long.class, int.class, MemorySegment.class, long.class,
			int.class);

	private final int receiver = LibC.datagramSocket(LibC.AF_UNIX);

	@AfterEach
	void close() {
		LibC.close(this.receiver);
	}

	@Test
	void messageReachesASocketWithAPath(@TempDir Path directory) throws IOException {
		Path path = directory.resolve("nötify");
		LibC.bind(this.receiver, SocketAddresses.encode(path));
		try (NotificationSocket socket = NotificationSocket.to(path.toString())) {
			assertThat(socket.send("READY=1\nSTATUS=schön")).isTrue();
			assertThat(receive()).isEqualTo("READY=1\nSTATUS=schön");
		}
	}

	@Test
	void messageReachesASocketWithoutAPath() throws IOException {
		String name = "tomcorn-test-" + UUID.randomUUID();
		LibC.bind(this.receiver, SocketAddresses.encodeAbstract(name));
		assertThat(Path.of("/proc/net/unix")).content().contains(" @" + name + "\n");
		try (NotificationSocket socket = NotificationSocket.to("@" + name)) {
			assertThat(socket.send("WATCHDOG=1")).isTrue();
			assertThat(receive()).isEqualTo("WATCHDOG=1");
		}
	}

	@Test
	void sendingDoesNotWaitForAReceiverThatDoesNotRead(@TempDir Path directory) throws IOException {
		Path path = directory.resolve("notify");
		LibC.bind(this.receiver, SocketAddresses.encode(path));
		try (NotificationSocket socket = NotificationSocket.to(path.toString())) {
			int sent = 0;
			while (socket.send("message " + sent)) {
				sent++;
			}
			assertThat(sent).isPositive();
			assertThat(receive()).isEqualTo("message 0");
			assertThat(socket.send("there is room again")).isTrue();
		}
	}

	@Test
	void aReceiverThatComesLaterIsReached(@TempDir Path directory) throws IOException {
		Path path = directory.resolve("notify");
		try (NotificationSocket socket = NotificationSocket.to(path.toString())) {
			assertThatIOException().isThrownBy(() -> socket.send("lost"));
			LibC.bind(this.receiver, SocketAddresses.encode(path));
			assertThat(socket.send("heard")).isTrue();
			assertThat(receive()).isEqualTo("heard");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "relative/path", "vsock:2:1234", "/nul\0" })
	void whatIsNoNameOfASocketIsRefused(String receiver) {
		assertThatIOException().isThrownBy(() -> NotificationSocket.to(receiver));
	}

	@Test
	void aNameThatIsTooLongIsRefused() {
		assertThatIOException().isThrownBy(() -> NotificationSocket.to("@" + "x".repeat(108)));
		assertThatIOException().isThrownBy(() -> NotificationSocket.to("/" + "x".repeat(107)));
	}

	@Test
	void theClockIsThatOfTheMachine() {
		long before = System.nanoTime();
		Duration time = NotificationSocket.monotonicTime();
		// HotSpot reads the same clock
		assertThat(time.toNanos()).isBetween(before, System.nanoTime());
	}

	private String receive() {
		byte[] message = new byte[SIZE];
		int length = LibC.call("recv", (state, arena) -> {
			MemorySegment buffer = arena.allocate(SIZE);
			int received = (int) this.recv.call(state, this.receiver, buffer.address(), SIZE, 0);
			MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, message, 0, SIZE);
			return received;
		});
		return new String(message, 0, length, StandardCharsets.UTF_8);
	}

}
