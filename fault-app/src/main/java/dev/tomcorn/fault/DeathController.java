package dev.tomcorn.fault;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that end the worker's process.
 */
@RestController
class DeathController {

	/**
	 * End the JVM without shutdown hooks, so that this request cannot hold its own drain
	 * up; with {@code orderly} as an application would, from another thread.
	 */
	@GetMapping("/exit")
	void exit(@RequestParam(defaultValue = "0") int code, @RequestParam(defaultValue = "false") boolean orderly) {
		if (orderly) {
			Thread.ofPlatform().name("exit").start(() -> System.exit(code));
		}
		else {
			Runtime.getRuntime().halt(code);
		}
	}

	/**
	 * Read where no memory is: SIGSEGV. Leaves an hs_err file in the working directory.
	 */
	@GetMapping("/crash")
	long crash() {
		return MemorySegment.NULL.reinterpret(Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
	}

}
