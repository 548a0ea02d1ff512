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
 * Looks whether a file is gone, in a thread of its own: a file system that hangs holds up
 * who asks for a moment, once. Used by one thread.
 */
final class FileLook {

	private static final Duration LIMIT = Duration.ofMillis(500);

	private final Predicate<Path> exists;

	private final Duration limit;

	private final Executor threads;

	private CompletableFuture<Boolean> last = CompletableFuture.completedFuture(true);

	FileLook() {
		this(Files::isRegularFile, LIMIT, (look) -> Thread.ofPlatform().daemon().name("tomcorn-look").start(look));
	}

	/**
	 * Create a look.
	 * @param exists looks, and may hang
	 * @param limit what is waited for it
	 * @param threads runs what may hang
	 */
	FileLook(Predicate<Path> exists, Duration limit, Executor threads) {
		this.exists = exists;
		this.limit = limit;
		this.threads = threads;
	}

	/**
	 * Return whether a file is gone.
	 * @param file the file
	 * @return whether that is known; not if nothing is known in time, or if a look before
	 * still hangs
	 */
	boolean isGone(Path file) {
		if (!this.last.isDone()) {
			return false;
		}
		CompletableFuture<Boolean> look = new CompletableFuture<>();
		this.last = look;
		try {
			this.threads.execute(() -> complete(look, file));
		}
		catch (RuntimeException | Error ex) {
			// No thread can be had now: the next look tries again
			look.complete(true);
		}
		try {
			return !look.get(this.limit.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (TimeoutException | ExecutionException ex) {
			return false;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private void complete(CompletableFuture<Boolean> look, Path file) {
		try {
			look.complete(this.exists.test(file));
		}
		catch (RuntimeException | Error ex) {
			look.complete(true);
		}
	}

}
