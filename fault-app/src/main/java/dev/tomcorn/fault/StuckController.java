package dev.tomcorn.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import dev.tomcorn.Worker;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Requests that do not end in time.
 */
@RestController
class StuckController {

	private static final int POLL_MILLIS = 10;

	private final Worker worker;

	StuckController(Worker worker) {
		this.worker = worker;
	}

	/**
	 * End after a time, or once a file exists.
	 */
	@GetMapping({ "/stuck", "/stuck/limited" })
	ServedBy stuck(@RequestParam(defaultValue = "600000") int ms,
			@RequestParam(required = false) @Nullable String until,
			@RequestParam(defaultValue = "false") boolean ignoreInterrupts) throws InterruptedException {
		long end = System.nanoTime() + Duration.ofMillis(ms).toNanos();
		while (System.nanoTime() < end && (until == null || !Files.exists(Path.of(until)))) {
			try {
				Thread.sleep(POLL_MILLIS);
			}
			catch (InterruptedException ex) {
				if (!ignoreInterrupts) {
					throw ex;
				}
			}
		}
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Nothing sets the result.
	 */
	@GetMapping("/stuck-async")
	DeferredResult<ServedBy> stuckAsync() {
		return new DeferredResult<>(0L);
	}

}
