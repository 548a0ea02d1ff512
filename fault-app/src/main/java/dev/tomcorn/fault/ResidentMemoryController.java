package dev.tomcorn.fault;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import dev.tomcorn.Worker;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that make the process grow outside the heap.
 */
@RestController
class ResidentMemoryController {

	private static final long MEGABYTE = 1024L * 1024;

	private final Queue<MemorySegment> taken = new ConcurrentLinkedQueue<>();

	private final Worker worker;

	ResidentMemoryController(Worker worker) {
		this.worker = worker;
	}

	/**
	 * Allocate memory, write to all of it and keep it.
	 */
	@GetMapping("/memory/resident")
	ServedBy resident(@RequestParam int mb) {
		for (int i = 0; i < mb; i++) {
			this.taken.add(Arena.ofAuto().allocate(MEGABYTE).fill((byte) 1));
		}
		return ServedBy.currentThreadOf(this.worker);
	}

}
