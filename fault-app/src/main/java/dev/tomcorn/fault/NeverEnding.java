package dev.tomcorn.fault;

import java.util.concurrent.CountDownLatch;

import dev.tomcorn.Worker;
import jakarta.annotation.PreDestroy;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Prevents the application from closing, once requested.
 */
@RestController
class NeverEnding {

	private final Worker worker;

	private volatile boolean armed;

	NeverEnding(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/never-ends-at-shutdown")
	ServedBy arm() {
		this.armed = true;
		return ServedBy.currentThreadOf(this.worker);
	}

	@PreDestroy
	void close() throws InterruptedException {
		if (this.armed) {
			new CountDownLatch(1).await();
		}
	}

}
