package dev.tomcorn.fault;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;

import dev.tomcorn.Worker;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that hold every carrier of virtual threads.
 */
@RestController
class PinController {

	private final Worker worker;

	private final MethodHandle sleep = Linker.nativeLinker()
		.downcallHandle(Linker.nativeLinker().defaultLookup().findOrThrow("sleep"),
				FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

	private volatile long sink;

	PinController(Worker worker) {
		this.worker = worker;
	}

	/**
	 * Hold the carriers in a native call, which uses no CPU.
	 */
	@GetMapping("/pin")
	ServedBy pin(@RequestParam(defaultValue = "60") int seconds) {
		onEveryCarrier(() -> sleep(seconds));
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Hold the carrier that runs the request, in a native call.
	 */
	@GetMapping("/pin/own")
	ServedBy pinOwn(@RequestParam(defaultValue = "1") int seconds) {
		sleep(seconds);
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Hold the carriers by computing.
	 */
	@GetMapping("/spin")
	ServedBy spin(@RequestParam(defaultValue = "60") int seconds) {
		onEveryCarrier(() -> {
			long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
			while (System.nanoTime() < end) {
				this.sink++;
			}
		});
		return ServedBy.currentThreadOf(this.worker);
	}

	private void onEveryCarrier(Runnable task) {
		for (int carrier = 0; carrier < Runtime.getRuntime().availableProcessors(); carrier++) {
			Thread.ofVirtual().start(task);
		}
	}

	private void sleep(int seconds) {
		try {
			int ignored = (int) this.sleep.invokeExact(seconds);
		}
		catch (Throwable ex) {
			throw new IllegalStateException(ex);
		}
	}

}
