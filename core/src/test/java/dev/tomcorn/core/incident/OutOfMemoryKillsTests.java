package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class OutOfMemoryKillsTests {

	@TempDir
	private Path root;

	private void write(String name, String content) throws IOException {
		Path file = this.root.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, content);
	}

	@Test
	void ownGroupOfVersion2Counts() throws IOException {
		write("proc/self/cgroup", "0::/system.slice/app.service\n");
		write("sys/fs/cgroup/system.slice/app.service/memory.events", "low 0\noom 9\noom_kill 2\noom_group_kill 7\n");
		write("sys/fs/cgroup/system.slice/app.service/memory.max", "max\n");
		write("sys/fs/cgroup/system.slice/memory.max", "536870912\n");
		write("proc/vmstat", "oom_kill 100\n");
		OutOfMemoryKills kills = new OutOfMemoryKills(this.root);
		assertThat(kills.count()).isEqualTo(2);
		assertThat(kills.scope()).isEqualTo("cgroup limit 512 MB");
	}

	@Test
	void insideAContainerTheRootIsTheOwnGroup() throws IOException {
		write("proc/self/cgroup", "0::/\n");
		write("sys/fs/cgroup/memory.events", "oom_kill 3\n");
		write("sys/fs/cgroup/memory.max", "134217728\n");
		OutOfMemoryKills kills = new OutOfMemoryKills(this.root);
		assertThat(kills.count()).isEqualTo(3);
		assertThat(kills.scope()).isEqualTo("cgroup limit 128 MB");
	}

	@Test
	void groupOutsideTheNamespaceIsNotFollowed() throws IOException {
		write("proc/self/cgroup", "0::/../../../secret\n");
		write("secret/memory.events", "oom_kill 9\n");
		write("sys/fs/cgroup/memory.events", "oom_kill 3\n");
		assertThat(new OutOfMemoryKills(this.root).count()).isEqualTo(3);
	}

	@Test
	void version1CountsToo() throws IOException {
		write("proc/self/cgroup", "9:name=systemd:/\n5:cpu,memory:/docker/abc\n0::/\n");
		write("sys/fs/cgroup/memory/docker/abc/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
		write("sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes", "67108864\n");
		write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
		OutOfMemoryKills kills = new OutOfMemoryKills(this.root);
		assertThat(kills.count()).isEqualTo(4);
		assertThat(kills.scope()).isEqualTo("cgroup limit 64 MB");
	}

	@Test
	void pathOfTheHostIsTheRootInsideAContainerOfVersion1() throws IOException {
		write("proc/self/cgroup", "5:memory:/docker/abc\n");
		write("sys/fs/cgroup/memory/memory.oom_control", "oom_kill 1\n");
		write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
		OutOfMemoryKills kills = new OutOfMemoryKills(this.root);
		assertThat(kills.count()).isEqualTo(1);
		assertThat(kills.scope()).isEqualTo("cgroup without a limit: the machine's memory");
	}

	@Test
	void withoutAGroupTheMachineCounts() throws IOException {
		write("proc/self/cgroup", "garbage\n0::\n");
		write("proc/vmstat", "pgfault 7\noom_kill 11\n");
		OutOfMemoryKills kills = new OutOfMemoryKills(this.root);
		assertThat(kills.count()).isEqualTo(11);
		assertThat(kills.scope()).contains("whole machine");
	}

	@Test
	void nothingToReadIsUnknown() {
		assertThat(new OutOfMemoryKills(this.root).count()).isEqualTo(-1);
	}

	@Test
	void thisMachineHasACount() {
		assertThat(new OutOfMemoryKills(Path.of("/")).count()).isNotNegative();
	}

}
