package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A pipe for the output of a fleet, with a reader that can stall.
 */
final class LogPipe implements AutoCloseable {

	private static final int PAGE = 4096;

	private final Path pipe;

	/**
	 * Keeps both ends open while processes come and go.
	 */
	private final FileChannel reader;

	private final FileChannel writer;

	private volatile @Nullable CountDownLatch stall;

	private volatile boolean stalled;

	private LogPipe(Path pipe) throws IOException {
		this.pipe = pipe;
		this.reader = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
		this.writer = FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE);
	}

	static LogPipe create(Path pipe) throws IOException {
		assertThat(exitOf(new ProcessBuilder("mkfifo", pipe.toString()))).isZero();
		return new LogPipe(pipe);
	}

	/**
	 * Return the command that starts a JVM that writes into the pipe.
	 * @param java the JVM's launcher
	 */
	String[] launcher(Path java) {
		return new String[] { "sh", "-c", "exec \"$0\" \"$@\" >'%s' 2>&1".formatted(this.pipe), java.toString() };
	}

	/**
	 * Copy the content of the pipe to a file, which no other process writes.
	 */
	void copyTo(Path log) {
		Thread.ofPlatform().daemon().name("log-pipe").start(() -> {
			ByteBuffer buffer = ByteBuffer.allocate(PAGE);
			try (FileChannel file = FileChannel.open(log, StandardOpenOption.APPEND)) {
				while (true) {
					CountDownLatch current = this.stall;
					if (current != null) {
						this.stalled = true;
						current.await();
					}
					this.reader.read(buffer.clear());
					buffer.flip();
					file.write(buffer);
				}
			}
			catch (IOException ex) {
				// Closed
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
	}

	/**
	 * Stop reading, and fill the pipe, so that writers wait.
	 */
	void stall() {
		this.stalled = false;
		this.stall = new CountDownLatch(1);
		try {
			this.writer.write(ByteBuffer.wrap(new byte[] { '\n' }));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		await("reader that stalls").atMost(DemoProcess.PATIENCE)
			.pollInterval(Duration.ofMillis(5))
			.until(() -> this.stalled);
		// Whole pages, and then the rest of one
		for (int block : List.of(PAGE, 1)) {
			String fill = "yes '' | dd of='%s' oflag=nonblock conv=notrunc iflag=fullblock bs=%d 2>/dev/null"
				.formatted(this.pipe, block);
			exitOf(new ProcessBuilder("sh", "-c", fill));
		}
	}

	/**
	 * Read again.
	 */
	void flow() {
		CountDownLatch current = this.stall;
		this.stall = null;
		if (current != null) {
			current.countDown();
		}
	}

	private static int exitOf(ProcessBuilder command) {
		try {
			return command.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		flow();
		try {
			this.reader.close();
			this.writer.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
