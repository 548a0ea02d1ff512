package dev.tomcorn.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

import org.springframework.stereotype.Component;

/**
 * Files that requests wait for. One thread looks for each file, however many requests
 * wait: looking is most of the processor time of a test that holds many.
 */
@Component
class AwaitedFiles {

	private static final long PAUSE_NANOS = 10_000_000;

	private final Map<Path, CompletableFuture<Void>> awaited = new ConcurrentHashMap<>();

	/**
	 * Wait until the file exists.
	 */
	void await(Path file) throws InterruptedException {
		try {
			this.awaited.computeIfAbsent(file, this::look).get();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex.getCause());
		}
	}

	/**
	 * No virtual thread, because tests take all carriers.
	 */
	private CompletableFuture<Void> look(Path file) {
		CompletableFuture<Void> found = new CompletableFuture<>();
		Thread.ofPlatform().daemon().name("awaits-" + file.getFileName()).start(() -> {
			while (!Files.exists(file)) {
				LockSupport.parkNanos(PAUSE_NANOS);
			}
			this.awaited.remove(file);
			found.complete(null);
		});
		return found;
	}

}
