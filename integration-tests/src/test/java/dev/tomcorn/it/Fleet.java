package dev.tomcorn.it;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * The answer of {@code GET /actuator/workers}.
 *
 * @param workerClass how each worker runs requests
 * @param arbiter the supervising process, {@code null} when solo
 * @param workers the workers by index
 * @param deaths the last unplanned deaths, latest first
 */
record Fleet(String workerClass, @Nullable Arbiter arbiter, List<Worker> workers, List<Death> deaths) {

	record Arbiter(long pid, Instant startedAt, int generation, int targetWorkers) {
	}

	record Death(String cause, String description, @Nullable String incident) {
	}

	record Worker(int index, long pid, String state, int generation, long age, Instant startedAt, long bootMillis,
			int activeRequests, int waitingRequests, int openConnections, long handledRequests,
			long heartbeatAgeMillis) {

		boolean ready() {
			return this.state.equals("READY");
		}

	}

	Worker worker(int index) {
		return this.workers.stream().filter((worker) -> worker.index() == index).findFirst().orElseThrow();
	}

	Set<Long> pids() {
		return this.workers.stream().map(Worker::pid).collect(Collectors.toSet());
	}

	boolean whole(int size) {
		return this.workers.size() == size && this.workers.stream().allMatch(Worker::ready);
	}

	int openConnections() {
		return this.workers.stream().mapToInt(Worker::openConnections).sum();
	}

}
