package dev.tomcorn.core;

import java.nio.file.Path;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Predicate;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.incident.CausesOfDeath;
import dev.tomcorn.core.incident.Incident;
import dev.tomcorn.core.incident.IncidentRecorder;
import dev.tomcorn.core.incident.IncidentSettings;

/**
 * Finds the causes of workers' deaths and records incidents.
 */
final class WorkerDiagnostics implements AutoCloseable {

	private final CausesOfDeath causes;

	private final IncidentRecorder recorder;

	private final ArbiterLog log;

	/**
	 * Create the diagnostics.
	 * @param fleet the fleet
	 */
	WorkerDiagnostics(IncidentSettings settings, Incident.Fleet fleet, ArbiterLog log) {
		this.causes = CausesOfDeath.ofThisMachine(fleet.frames());
		this.recorder = IncidentRecorder.open(settings, fleet, (problem) -> log.log(Level.WARN, problem));
		this.log = log;
	}

	/**
	 * Read the kernel's counts. Called regularly.
	 */
	void observe() {
		this.causes.observe();
	}

	Death causeOf(int exitCode, long pid, boolean draining, boolean killed, CausesOfDeath.ExitEvidence words) {
		return this.causes.of(exitCode, pid, draining, killed, words);
	}

	/**
	 * Record an incident of a worker. Returns at once.
	 * @param askWorker asks the worker to write into a folder; returns whether it is
	 * connected
	 * @param done called once with the folder's path, or an empty text
	 */
	void write(Placement placement, long pid, Instant started, Death cause, String readings, boolean alive,
			Predicate<Path> askWorker, Consumer<String> done) {
		record(new Incident(placement.index(), placement.age(), pid, placement.generation(), started,
				cause.description(), readings, alive), askWorker, done);
	}

	/**
	 * Record the diagnostics of a worker that goes on. Returns at once.
	 * @param askWorker asks the worker to write into a folder; returns whether it is
	 * connected
	 * @param done called once with the folder's path, or an empty text
	 */
	void writeAlive(Placement placement, long pid, Instant started, String reason, String readings,
			Predicate<Path> askWorker, Consumer<String> done) {
		record(new Incident(placement.index(), placement.age(), pid, placement.generation(), started, reason, readings,
				true, true), askWorker, done);
	}

	private void record(Incident incident, Predicate<Path> askWorker, Consumer<String> done) {
		this.recorder.record(incident, askWorker, (folder) -> {
			if (folder != null) {
				this.log.log(Level.INFO, "What is known about worker %d (pid %d) is in %s".formatted(incident.index(),
						incident.pid(), folder));
			}
			done.accept((folder != null) ? folder.toString() : "");
		});
	}

	/**
	 * Take note that a worker has written its part.
	 */
	void answered(Path folder, long age) {
		this.recorder.answered(age, folder);
	}

	@Override
	public void close() {
		this.recorder.close();
	}

}
