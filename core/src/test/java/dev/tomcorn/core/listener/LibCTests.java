package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Calls of the C library on descriptors of the test's own. File descriptor 0 belongs to
 * Surefire.
 */
@EnabledOnOs(OS.LINUX)
class LibCTests {

	private static final int EBADF = 9;

	private static final int EINVAL = 22;

	private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

	private int fd = -1;

	@AfterEach
	void close() {
		if (this.fd >= 0) {
			LibC.close(this.fd);
		}
	}

	private InetSocketAddress listen() {
		this.fd = LibC.socket(LibC.AF_INET);
		LibC.bind(this.fd, SocketAddresses.encode(LibC.AF_INET, LOOPBACK, 0));
		LibC.listen(this.fd, 5);
		return SocketAddresses.decode(LibC.socketName(this.fd));
	}

	@Test
	void socketListensWhereItWasBound() throws IOException {
		InetSocketAddress address = listen();
		assertThat(address.getAddress()).isEqualTo(LOOPBACK);
		assertThat(address.getPort()).isPositive();
		try (Socket client = new Socket(address.getAddress(), address.getPort())) {
			assertThat(client.isConnected()).isTrue();
		}
	}

	@Test
	void listenerIsReadableOnceAClientWaits() throws IOException {
		InetSocketAddress address = listen();
		assertThat(LibC.awaitReadable(this.fd, Duration.ZERO)).isFalse();
		assertThat(LibC.awaitReadable(this.fd, Duration.ofMillis(1))).isFalse();
		try (Socket client = new Socket(address.getAddress(), address.getPort())) {
			assertThat(LibC.awaitReadable(this.fd, Duration.ofSeconds(10))).isTrue();
			assertThat(LibC.awaitReadable(this.fd, Duration.ZERO)).isTrue();
			assertThat(client.isConnected()).isTrue();
		}
	}

	@Test
	void duplicateKeepsTheSocketOpen() throws IOException {
		InetSocketAddress address = listen();
		int duplicate = LibC.dup(this.fd);
		assertThat(duplicate).isNotEqualTo(this.fd);
		LibC.close(this.fd);
		this.fd = duplicate;
		assertThat(SocketAddresses.decode(LibC.socketName(duplicate))).isEqualTo(address);
		try (Socket client = new Socket(address.getAddress(), address.getPort())) {
			assertThat(client.isConnected()).isTrue();
		}
	}

	@Test
	void secondSocketOnThePortIsRefusedUnlessBothShareIt() {
		for (boolean share : new boolean[] { false, true }) {
			this.fd = LibC.socket(LibC.AF_INET);
			int second = LibC.socket(LibC.AF_INET);
			try {
				if (share) {
					LibC.setOption(this.fd, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1);
					LibC.setOption(second, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1);
				}
				LibC.bind(this.fd, SocketAddresses.encode(LibC.AF_INET, LOOPBACK, 0));
				LibC.listen(this.fd, 1);
				byte[] name = SocketAddresses.encode(LibC.AF_INET, LOOPBACK,
						SocketAddresses.decode(LibC.socketName(this.fd)).getPort());
				if (share) {
					assertThatNoException().isThrownBy(() -> LibC.bind(second, name));
				}
				else {
					assertThatErrno(LibC.EADDRINUSE, "bind", () -> LibC.bind(second, name));
				}
			}
			finally {
				LibC.close(second);
				LibC.close(this.fd);
				this.fd = -1;
			}
		}
	}

	@Test
	void openedFileIsADescriptor() {
		this.fd = LibC.open("/dev/null", LibC.O_RDONLY);
		assertThat(this.fd).isGreaterThan(2);
		assertThatErrno(2, "open", () -> LibC.open("/nowhere/at/all", LibC.O_RDONLY));
	}

	@Test
	void failedCallTellsItsNameAndErrno() {
		assertThatErrno(EBADF, "close", () -> LibC.close(-1));
		assertThatErrno(EBADF, "dup", () -> LibC.dup(-1));
		assertThatErrno(EBADF, "getsockname", () -> LibC.socketName(-1));
		assertThatErrno(EBADF, "listen", () -> LibC.listen(-1, 1));
		assertThatErrno(LibC.EAFNOSUPPORT, "socket", () -> LibC.socket(9999));
		this.fd = LibC.socket(LibC.AF_INET);
		assertThatErrno(EINVAL, "bind", () -> LibC.bind(this.fd, new byte[1]));
	}

	private static void assertThatErrno(int errno, String function, Runnable call) {
		assertThatExceptionOfType(LibC.ErrnoException.class).isThrownBy(call::run)
			.withMessage(function + " failed with errno " + errno)
			.satisfies((ex) -> assertThat(ex.errno()).isEqualTo(errno));
	}

}
