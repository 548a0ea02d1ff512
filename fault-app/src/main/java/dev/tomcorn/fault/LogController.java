package dev.tomcorn.fault;

import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.Worker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that each write a unique line.
 */
@RestController
class LogController {

	private static final Logger logger = LoggerFactory.getLogger(LogController.class);

	private final Worker worker;

	private final AtomicLong lines = new AtomicLong();

	LogController(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/log")
	ServedBy log(@RequestParam(defaultValue = "0") int ms) throws InterruptedException {
		Thread.sleep(ms);
		logger.info("line {}-{} of worker {}", ProcessHandle.current().pid(), this.lines.incrementAndGet(),
				this.worker.index());
		return ServedBy.currentThreadOf(this.worker);
	}

}
