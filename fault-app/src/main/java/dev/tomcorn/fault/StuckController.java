package dev.tomcorn.fault;

import java.time.Duration;

import dev.tomcorn.worker.Worker;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

/**
 * Requests that do not end in time.
 */
@RestController
class StuckController {

	private final Worker worker;

	StuckController(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/stuck")
	ServedBy stuck(@RequestParam(defaultValue = "60000") int ms,
			@RequestParam(defaultValue = "false") boolean ignoreInterrupts) throws InterruptedException {
		long end = System.nanoTime() + Duration.ofMillis(ms).toNanos();
		long left;
		while ((left = end - System.nanoTime()) > 0) {
			try {
				Thread.sleep(Duration.ofNanos(left));
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
	 * Nobody ever sets the result.
	 */
	@GetMapping("/stuck-async")
	DeferredResult<ServedBy> stuckAsync() {
		return new DeferredResult<>(0L);
	}

}
