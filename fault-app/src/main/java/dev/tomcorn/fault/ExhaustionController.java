package dev.tomcorn.fault;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that use up all memory of a kind.
 */
@RestController
class ExhaustionController {

	private static final int MEGABYTE = 1024 * 1024;

	private final List<Object> kept = new ArrayList<>();

	/**
	 * Fill the heap completely.
	 */
	@GetMapping("/memory/exhaust")
	void exhaust() {
		List<byte[]> hoard = new ArrayList<>();
		while (true) {
			hoard.add(new byte[MEGABYTE]);
		}
	}

	/**
	 * Keep some memory for good, in arrays that are small enough to take the last part of
	 * the heap.
	 */
	@GetMapping("/memory/keep")
	Map<String, Integer> keep(@RequestParam int mb) {
		synchronized (this.kept) {
			for (int kilobytes = 0; kilobytes < mb * 1024; kilobytes += 64) {
				this.kept.add(new byte[64 * 1024]);
			}
		}
		return Map.of("kept", mb);
	}

	/**
	 * Define classes until the metaspace is full. Without -XX:MaxMetaspaceSize the
	 * machine's memory is the limit.
	 */
	@GetMapping("/memory/metaspace")
	void metaspace() {
		List<Object> hoard = new ArrayList<>();
		while (true) {
			ClassLoader loader = new ClassLoader(getClass().getClassLoader()) {
			};
			hoard.add(Proxy.newProxyInstance(loader, new Class<?>[] { Runnable.class },
					(proxy, method, arguments) -> null));
		}
	}

}
