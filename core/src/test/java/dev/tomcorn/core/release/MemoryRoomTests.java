package dev.tomcorn.core.release;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MemoryRoom}.
 */
class MemoryRoomTests {

	@TempDir
	private Path root;

	private void write(String file, String content) throws IOException {
		Path path = this.root.resolve(file);
		Files.createDirectories(path.getParent());
		Files.writeString(path, content + "\n");
	}

	private long room() {
		return new MemoryRoom(this.root).bytes();
	}

	@Test
	void machineAndEveryGroupCount() throws IOException {
		assertThat(room()).isEqualTo(Long.MAX_VALUE);
		write("proc/meminfo", "MemTotal:  9000 kB\nMemAvailable:  5000 kB");
		assertThat(room()).isEqualTo(5000 * 1024);
		write("proc/self/cgroup", "0::/pod/shop");
		write("sys/fs/cgroup/pod/shop/memory.max", "max");
		write("sys/fs/cgroup/pod/shop/memory.current", "100");
		assertThat(room()).isEqualTo(5000 * 1024);
		write("sys/fs/cgroup/pod/memory.max", "1000000");
		write("sys/fs/cgroup/pod/memory.current", "400000");
		assertThat(room()).isEqualTo(600_000);
		write("sys/fs/cgroup/pod/memory.stat", "anon 7\ninactive_file 50000");
		assertThat(room()).isEqualTo(650_000);
	}

	@Test
	void containerWhosePathIsTheHostsHasTheRoot() throws IOException {
		write("proc/self/cgroup", "0::/../../docker/abc");
		write("sys/fs/cgroup/memory.max", "1000");
		write("sys/fs/cgroup/memory.current", "1200");
		assertThat(room()).isZero();
	}

}
