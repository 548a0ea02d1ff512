package dev.tomcorn.it;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The resources of a fleet that a fault takes away: a JDK, a disk, and a reader of its
 * log.
 */
final class FaultStage implements AutoCloseable {

	private static final String DISK_SIZE = "16m";

	private final CopiedJdk jdk;

	private final Path disk;

	private final boolean limitedDisk;

	private final Path runDirectory;

	private final Path holdBoot;

	private final Path directory;

	private @Nullable LogPipe log;

	private int pipes;

	/**
	 * Create a stage.
	 * @param directory an empty directory
	 * @param limitedDisk whether there is a disk that can be full, which needs the right
	 * to mount one
	 */
	FaultStage(Path directory, boolean limitedDisk) throws IOException {
		this.directory = directory;
		this.jdk = CopiedJdk.into(directory.resolve("jdk"));
		this.disk = Files.createDirectory(directory.resolve("disk"));
		this.limitedDisk = limitedDisk
				&& succeeds("mount", "-t", "tmpfs", "-o", "size=" + DISK_SIZE, "tmpfs", this.disk.toString());
		this.runDirectory = Files.createDirectory(this.disk.resolve("run"));
		this.holdBoot = directory.resolve("hold");
	}

	boolean diskCanBeFull() {
		return this.limitedDisk;
	}

	Path runDirectory() {
		return this.runDirectory;
	}

	/**
	 * Return a new file name.
	 */
	Path unusedName() {
		return this.directory.resolve("file-" + System.nanoTime());
	}

	/**
	 * Start a fleet on the stage.
	 */
	DemoProcess start(DemoApps apps, int workers, int standby) {
		try {
			if (this.log != null) {
				this.log.close();
			}
			LogPipe pipe = LogPipe.create(this.directory.resolve("log-" + this.pipes++));
			this.log = pipe;
			DemoProcess app = apps.start(Launch.faults(workers, "gevent")
				.launcher(pipe.launcher(java()))
				.arguments("--tomcorn.arbiter.enabled=true", "--tomcorn.standby=" + standby,
						"--tomcorn.run-directory=" + this.runDirectory,
						"--tomcorn.incidents.directory=" + this.disk.resolve("incidents"),
						"--fault.hold-boot=" + this.holdBoot, Operator.ACCESS));
			pipe.copyTo(app.log());
			return app;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Path java() {
		return Path.of(this.jdk.java());
	}

	private Path filler() {
		return this.disk.resolve("filler");
	}

	void holdBoots() {
		try {
			Files.createFile(this.holdBoot);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	void letBoot() {
		deleteTree(this.holdBoot);
	}

	/**
	 * Cause a fault that is not of one process.
	 */
	void begin(Trial.Fault fault) {
		switch (fault) {
			case RUN_DIRECTORY_GONE -> children(this.runDirectory).forEach(FaultStage::deleteTree);
			case DISK_FULL -> fill();
			case LOG_STALLED -> log().stall();
			case SPAWN_FAILS -> move(java(), java().resolveSibling("away"));
			case KILL, FREEZE, TERM -> throw new IllegalArgumentException("Hits a process: " + fault);
		}
	}

	/**
	 * End the fault.
	 */
	void end(Trial.Fault fault) {
		switch (fault) {
			case DISK_FULL -> deleteTree(filler());
			case LOG_STALLED -> log().flow();
			case SPAWN_FAILS -> move(java().resolveSibling("away"), java());
			case KILL, FREEZE, TERM, RUN_DIRECTORY_GONE -> {
			}
		}
	}

	private LogPipe log() {
		if (this.log == null) {
			throw new IllegalStateException("No fleet has been started");
		}
		return this.log;
	}

	private void fill() {
		byte[] bytes = new byte[1024];
		try (OutputStream file = Files.newOutputStream(filler())) {
			while (true) {
				file.write(bytes);
			}
		}
		catch (IOException ex) {
			// The disk is full
		}
	}

	private static void move(Path from, Path to) {
		try {
			Files.move(from, to);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static List<Path> children(Path directory) {
		try (Stream<Path> children = Files.list(directory)) {
			return children.toList();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Delete the files. Other processes may create or delete files meanwhile.
	 */
	private static void deleteTree(Path tree) {
		for (boolean left = true; left;) {
			try (Stream<Path> files = Files.walk(tree)) {
				for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
					Files.deleteIfExists(file);
				}
				left = Files.exists(tree);
			}
			catch (NoSuchFileException ex) {
				left = Files.exists(tree);
			}
			catch (IOException | UncheckedIOException ex) {
				left = true;
			}
		}
	}

	private static boolean succeeds(String... command) {
		try {
			return new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		if (this.log != null) {
			this.log.close();
		}
		if (this.limitedDisk) {
			succeeds("umount", "-l", this.disk.toString());
		}
	}

}
