package dev.tomcorn.session;

import dev.tomcorn.Worker;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Remembers the user in the session.
 */
@RestController
class SessionController {

	private static final String NAME = "name";

	private final Worker worker;

	SessionController(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/login")
	Visit login(@RequestParam String name, HttpServletRequest request) {
		request.getSession().setAttribute(NAME, name);
		return visit(name);
	}

	@GetMapping("/me")
	Visit me(HttpServletRequest request) {
		HttpSession session = request.getSession(false);
		return visit((session != null) ? (String) session.getAttribute(NAME) : null);
	}

	private Visit visit(@Nullable String name) {
		return new Visit(name, this.worker.index(), ProcessHandle.current().pid());
	}

	/**
	 * The user, and the worker that has served the request.
	 */
	record Visit(@Nullable String name, int worker, long pid) {
	}

}
