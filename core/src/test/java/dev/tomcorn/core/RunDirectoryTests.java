package dev.tomcorn.core;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatNoException;

class RunDirectoryTests {

	@Test
	void onlyTheOwnerMayEnterIt(@TempDir Path parent) throws IOException {
		Path directory = RunDirectory.create(parent);
		assertThat(directory).isDirectory().hasParent(parent);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))).isEqualTo("rwx------");
	}

	@Test
	void parentIsCreatedToo(@TempDir Path parent) throws IOException {
		assertThat(RunDirectory.create(parent.resolve("a/b"))).hasParent(parent.resolve("a/b"));
	}

	@Test
	void parentThatIsNoDirectoryIsRefused(@TempDir Path parent) throws IOException {
		Path file = Files.createFile(parent.resolve("file"));
		assertThatIOException().isThrownBy(() -> RunDirectory.create(file));
	}

	@Test
	void everyFleetHasItsOwn(@TempDir Path parent) throws IOException {
		assertThat(RunDirectory.create(parent)).isNotEqualTo(RunDirectory.create(parent));
	}

	@Test
	void itIsWhereSystemdHasMadeADirectoryForItUnlessTheUserSaysWhere(@TempDir Path given, @TempDir Path configured) {
		Map<String, String> environment = Map.of("RUNTIME_DIRECTORY", given + ":/run/other");
		assertThat(RunDirectory.parent(null, environment)).isEqualTo(given);
		assertThat(RunDirectory.parent(configured, environment)).isEqualTo(configured);
		assertThat(RunDirectory.parent(null, Map.of())).isNull();
		assertThat(RunDirectory.parent(null, Map.of("RUNTIME_DIRECTORY", given.resolve("missing").toString())))
			.isNull();
		assertThat(RunDirectory.parent(null, Map.of("RUNTIME_DIRECTORY", "relative"))).isNull();
	}

	@Test
	void itIsInMemoryUnlessToldOtherwise() throws IOException {
		Path directory = RunDirectory.create(null);
		try {
			Path memory = Path.of("/dev/shm");
			assertThat(directory).isDirectory();
			assertThat(directory.startsWith(memory)).isEqualTo(Files.isWritable(memory));
			assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))).isEqualTo("rwx------");
		}
		finally {
			RunDirectory.delete(directory);
		}
		assertThat(directory).doesNotExist();
	}

	@Test
	void itIsDeletedWithItsFilesAndSocket(@TempDir Path parent) throws IOException {
		Path directory = RunDirectory.create(parent);
		Files.createFile(directory.resolve("scoreboard"));
		try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			server.bind(UnixDomainSocketAddress.of(directory.resolve("s")));
			RunDirectory.delete(directory);
		}
		assertThat(parent).isEmptyDirectory();
	}

	@Test
	void linkInItsPlaceIsNotFollowed(@TempDir Path parent) throws IOException {
		Path other = Files.createDirectory(parent.resolve("other"));
		Path kept = Files.createFile(other.resolve("kept"));
		Path directory = RunDirectory.create(parent);
		RunDirectory.delete(directory);
		Files.createSymbolicLink(directory, other);
		RunDirectory.delete(directory);
		assertThat(kept).exists();
	}

	@Test
	void whatIsDeletedAlreadyIsNoFailure(@TempDir Path parent) {
		assertThatNoException().isThrownBy(() -> RunDirectory.delete(parent.resolve("gone")));
	}

	@Test
	void everyProcessOfTheFleetMayDeleteIt(@TempDir Path parent) throws Exception {
		for (int attempt = 0; attempt < 20; attempt++) {
			Path directory = RunDirectory.create(parent);
			for (int file = 0; file < 20; file++) {
				Files.createFile(directory.resolve("file" + file));
			}
			List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
			List<Thread> threads = new ArrayList<>();
			for (int number = 0; number < 3; number++) {
				Thread thread = Thread.ofPlatform().unstarted(() -> RunDirectory.delete(directory));
				thread.setUncaughtExceptionHandler((failed, ex) -> failures.add(ex));
				thread.start();
				threads.add(thread);
			}
			for (Thread thread : threads) {
				thread.join();
			}
			assertThat(failures).isEmpty();
			assertThat(directory).doesNotExist();
		}
	}

}
