package dev.tomcorn.fault;

import dev.tomcorn.Worker;
import jakarta.servlet.http.HttpServletRequest;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that keep state in the memory of a worker.
 */
@RestController
class SessionController {

	private final Worker worker;

	SessionController(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/session")
	ServedBy session(HttpServletRequest request) {
		request.getSession();
		return ServedBy.currentThreadOf(this.worker);
	}

}
