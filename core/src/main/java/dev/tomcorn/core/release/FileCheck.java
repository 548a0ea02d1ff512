package dev.tomcorn.core.release;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * Checks whether a file is gone, in a thread of its own. A file system that hangs delays
 * the caller only once and briefly. Used by one thread.
 */
final class FileCheck {

	private static final Duration LIMIT = Duration.ofMillis(500);

	private final Predicate<Path> exists;

	private final Duration limit;

	private final Executor threads;

	private CompletableFuture<Boolean> last = CompletableFuture.completedFuture(true);

	FileCheck() {
		this(Files::isRegularFile, LIMIT,
				(check) -> Thread.ofPlatform().daemon().name("tomcorn-file-check").start(check));
	}

	/**
	 * Create a check.
	 * @param exists checks, and may hang
	 * @param limit longest time to wait
	 * @param threads runs checks, which may hang
	 */
	FileCheck(Predicate<Path> exists, Duration limit, Executor threads) {
		this.exists = exists;
		this.limit = limit;
		this.threads = threads;
	}

	/**
	 * Return whether a file is gone.
	 * @param file the file
	 * @return whether it is known to be gone; {@code false} without an answer in time, or
	 * while a previous check hangs
	 */
	boolean isGone(Path file) {
		if (!this.last.isDone()) {
			return false;
		}
		CompletableFuture<Boolean> check = new CompletableFuture<>();
		this.last = check;
		try {
			this.threads.execute(() -> complete(check, file));
		}
		catch (RuntimeException | Error ex) {
			// No thread available: the next check tries again
			check.complete(true);
		}
		try {
			return !check.get(this.limit.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException | ExecutionException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private void complete(CompletableFuture<Boolean> check, Path file) {
		try {
			check.complete(this.exists.test(file));
		}
		catch (RuntimeException | Error ex) {
			check.complete(true);
		}
	}

}
