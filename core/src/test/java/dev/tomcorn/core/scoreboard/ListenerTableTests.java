package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link ListenerTable}.
 */
@EnabledOnOs(OS.LINUX)
class ListenerTableTests {

	private static final long PID = ProcessHandle.current().pid();

	@TempDir
	private Path directory;

	@Test
	void othersSeeSocketsAndQueues() throws IOException {
		Path file = this.directory.resolve("listeners");
		ListenerTable table = ListenerTable.create(file, List.of(new ListenerTable.Listener(":8080", true, ""),
				new ListenerTable.Listener("unix:/run/größer.sock", false, "(dev=1,ino=2)")));
		ListenerTable other = ListenerTable.open(file, PID);
		assertThat(other.listeners()).extracting(ListenerTable.Listener::name)
			.containsExactly(":8080", "unix:/run/größer.sock");
		assertThat(other.listeners()).extracting(ListenerTable.Listener::foreign).containsExactly(true, false);
		assertThat(other.listeners()).extracting(ListenerTable.Listener::fileKey).containsExactly("", "(dev=1,ino=2)");
		ListenerQueue.Reading reading = new ListenerQueue.Reading(3, 128, Duration.ofMillis(5));
		table.listeners().get(1).queue().show(reading);
		other.listeners().get(1).queue().taken();
		assertThat(other.listeners().get(0).queue().reading()).isNull();
		assertThat(other.listeners().get(1).queue().reading()).isEqualTo(reading);
		assertThat(table.listeners().get(0).queue().takenConnections()).isZero();
		assertThat(table.listeners().get(1).queue().takenConnections()).isOne();
	}

	@Test
	void otherFilesAreNone() throws IOException {
		for (int size : new int[] { 0, 8, 64, 1088, 5000 }) {
			Path file = Files.write(this.directory.resolve("other" + size), new byte[size]);
			assertThatIOException().isThrownBy(() -> ListenerTable.open(file, PID));
		}
		assertThatIOException().isThrownBy(() -> ListenerTable.open(this.directory.resolve("missing"), PID));
		assertThat(ListenerTable.none().listeners()).isEmpty();
	}

	@Test
	void nameThatDoesNotFitIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> ListenerTable.create(this.directory.resolve("listeners"),
				List.of(new ListenerTable.Listener("x".repeat(513), false, ""))));
	}

}
