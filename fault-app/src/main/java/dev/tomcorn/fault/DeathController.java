package dev.tomcorn.fault;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A request that ends the worker's process.
 */
@RestController
class DeathController {

	/**
	 * Read an invalid address: SIGSEGV. Leaves an hs_err file in the working directory.
	 */
	@GetMapping("/crash")
	long crash() {
		return MemorySegment.NULL.reinterpret(Long.BYTES).get(ValueLayout.JAVA_LONG, 0);
	}

	/**
	 * End this JVM like an application that gives up.
	 */
	@GetMapping("/exit")
	void exit(@RequestParam(defaultValue = "7") int code) {
		System.exit(code);
	}

}
