package dev.tomcorn.warnings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the ports of a process, as Linux reports them.
 */
class FurtherPortsTests {

	private static final String HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "
			+ "uid  timeout inode\n";

	@TempDir
	private Path process;

	@BeforeEach
	void makeDirectories() throws IOException {
		Files.createDirectories(this.process.resolve("fd"));
		Files.createDirectories(this.process.resolve("net"));
	}

	@Test
	void onlyOwnSocketsThatListenCount() throws IOException {
		own("3", "socket:[111]");
		own("4", "socket:[222]");
		own("5", "socket:[333]");
		own("6", "/dev/null");
		Files.writeString(this.process.resolve("net/tcp"), HEAD + line("0100007F:2382", "0A", 111)
				+ line("0100007F:1F90", "01", 222) + line("0100007F:1F91", "0A", 999));
		Files.writeString(this.process.resolve("net/tcp6"),
				HEAD + line("00000000000000000000000000000000:1B9F", "0A", 333));
		assertThat(FurtherPorts.listening(this.process)).containsExactly(7071, 9090);
	}

	@Test
	void kernelThatTellsNothingHasNone() {
		assertThat(FurtherPorts.listening(this.process.resolve("elsewhere"))).isEmpty();
	}

	@Test
	void portWithTheNumberOfTheWorkerDiffers() {
		String options = "-Xlog:gc -Dspring.grpc.server.port={worker+9090} -Dmost=70";
		assertThat(FurtherPorts.differs(9090, options)).isTrue();
		assertThat(FurtherPorts.differs(9093, options)).isTrue();
		assertThat(FurtherPorts.differs(9089, options)).isFalse();
		assertThat(FurtherPorts.differs(9443, options)).isFalse();
		assertThat(FurtherPorts.differs(70, options)).isFalse();
	}

	private void own(String descriptor, String target) throws IOException {
		Files.createSymbolicLink(this.process.resolve("fd").resolve(descriptor), Path.of(target));
	}

	private static String line(String local, String state, int inode) {
		return "   0: %s 00000000:0000 %s 00000000:00000000 00:00000000 00000000     0        0 %d 1 0 100 0 0 10 0\n"
			.formatted(local, state, inode);
	}

}
