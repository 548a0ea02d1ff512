package dev.tomcorn.core.arbiter;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The arbiter's report on the fleet for operators. Times are readings of the arbiter's
 * clock until it is posted, and milliseconds of the epoch from then on.
 *
 * @param paused whether the fleet is paused: no worker runs until the operator resumes it
 * @param reload the last reload, or {@code null} if there was none
 * @param crashLoops indexes whose workers keep dying
 * @param deaths the last unplanned deaths, latest first
 * @param history what has happened since the arbiter started
 * @param problems current problems and those that have just ended; their times are always
 * milliseconds of the epoch
 * @param releases the releases that workers start from
 */
public record FleetReport(boolean paused, @Nullable ReloadReport reload, List<CrashLoop> crashLoops,
		List<DeathReport> deaths, FleetHistory history, List<Problem> problems, ReleaseReport releases) {

	/**
	 * Most deaths in a report.
	 */
	static final int MAX_DEATHS = 8;

	/**
	 * Longest text in {@link #toBytes()}, in characters. All of them together fit into
	 * the shared memory of the report.
	 */
	static final int MAX_TEXT = 500;

	static final FleetReport EMPTY = new FleetReport(false, null, List.of(), List.of(), FleetHistory.EMPTY);

	public FleetReport {
		crashLoops = List.copyOf(crashLoops);
		deaths = List.copyOf(deaths);
		problems = List.copyOf(problems);
	}

	/**
	 * Create the report of a fleet that keeps no releases.
	 * @param paused whether the fleet is paused
	 * @param reload the last reload, or {@code null} if there was none
	 * @param crashLoops indexes whose workers keep dying
	 * @param deaths the last unplanned deaths, latest first
	 * @param history what has happened since the arbiter started
	 * @param problems current problems and those that have just ended
	 */
	public FleetReport(boolean paused, @Nullable ReloadReport reload, List<CrashLoop> crashLoops,
			List<DeathReport> deaths, FleetHistory history, List<Problem> problems) {
		this(paused, reload, crashLoops, deaths, history, problems, ReleaseReport.NONE);
	}

	/**
	 * Create the report of a fleet that has no problems.
	 * @param paused whether the fleet is paused
	 * @param reload the last reload, or {@code null} if there was none
	 * @param crashLoops indexes whose workers keep dying
	 * @param deaths the last unplanned deaths, latest first
	 * @param history what has happened since the arbiter started
	 */
	public FleetReport(boolean paused, @Nullable ReloadReport reload, List<CrashLoop> crashLoops,
			List<DeathReport> deaths, FleetHistory history) {
		this(paused, reload, crashLoops, deaths, history, List.of());
	}

	/**
	 * A reload.
	 *
	 * @param generation number of the generation that it starts
	 * @param outcome how it ended, or that it is running
	 * @param startedAt when it began
	 * @param endedAt when it ended, or 0
	 * @param cause why it failed, or empty
	 * @param failure the failed worker's own report, or empty
	 */
	public record ReloadReport(int generation, ReloadOutcome outcome, long startedAt, long endedAt, String cause,
			String failure) {

	}

	/**
	 * The releases that workers start from.
	 *
	 * @param current the release of the current generation
	 * @param waiting the release on disk that a reload would start, or failed to start
	 */
	public record ReleaseReport(ApplicationRelease current, ApplicationRelease waiting) {

		static final ReleaseReport NONE = new ReleaseReport(ApplicationRelease.AS_GIVEN, ApplicationRelease.AS_GIVEN);

		private void write(DataOutputStream out) throws IOException {
			for (ApplicationRelease release : List.of(this.current, this.waiting)) {
				out.writeUTF(release.key());
				out.writeUTF(limited(release.jar()));
				out.writeLong(release.since());
			}
		}

		private static ReleaseReport read(DataInputStream in) throws IOException {
			return new ReleaseReport(new ApplicationRelease(in.readUTF(), in.readUTF(), in.readLong()),
					new ApplicationRelease(in.readUTF(), in.readUTF(), in.readLong()));
		}

	}

	/**
	 * The outcome of a reload.
	 */
	public enum ReloadOutcome {

		/** It has not ended. */
		RUNNING,

		/** All workers are of the new generation. */
		SUCCEEDED,

		/** A worker did not boot, too many died, or the fleet stopped or paused. */
		FAILED

	}

	/**
	 * An index whose workers keep dying.
	 *
	 * @param index the index
	 * @param deaths quick deaths in a row
	 * @param respawnAt earliest time of the next spawn
	 */
	public record CrashLoop(int index, int deaths, long respawnAt) {

		/**
		 * Time without a death after which the index counts as recovered.
		 */
		public static final Duration QUIET = Duration.ofMinutes(1);

	}

	/**
	 * An unplanned death.
	 *
	 * @param index the worker's index
	 * @param age the worker's age
	 * @param pid its process id
	 * @param generation its generation
	 * @param at when it was noticed
	 * @param death what it died of
	 * @param incident path of its incident folder, or empty
	 */
	public record DeathReport(int index, long age, long pid, int generation, long at, Death death, String incident) {

		DeathReport incident(String path) {
			return new DeathReport(this.index, this.age, this.pid, this.generation, this.at, this.death, path);
		}

	}

	FleetReport paused(boolean newPaused, long now) {
		return new FleetReport(newPaused, this.reload, this.crashLoops, this.deaths,
				(newPaused != this.paused) ? this.history.paused(newPaused, now) : this.history, this.problems,
				this.releases);
	}

	FleetReport reload(@Nullable ReloadReport newReload) {
		return new FleetReport(this.paused, newReload, this.crashLoops, this.deaths, this.history, this.problems,
				this.releases);
	}

	FleetReport crashLoops(List<CrashLoop> newCrashLoops) {
		return new FleetReport(this.paused, this.reload, newCrashLoops, this.deaths, this.history, this.problems,
				this.releases);
	}

	FleetReport died(DeathReport death) {
		List<DeathReport> newDeaths = new ArrayList<>(this.deaths);
		newDeaths.addFirst(death);
		return new FleetReport(this.paused, this.reload, this.crashLoops,
				newDeaths.subList(0, Math.min(newDeaths.size(), MAX_DEATHS)), this.history.died(death), this.problems,
				this.releases);
	}

	/**
	 * Add the requests that a worker had in flight to the report of its death. The
	 * arbiter reports a death before it kills the worker.
	 */
	FleetReport lost(long age, LostRequests lost) {
		return new FleetReport(this.paused, this.reload, this.crashLoops,
				this.deaths.stream()
					.map((death) -> (death.age() != age) ? death
							: new DeathReport(death.index(), death.age(), death.pid(), death.generation(), death.at(),
									lost.of(death.death()), death.incident()))
					.toList(),
				this.history, this.problems, this.releases);
	}

	FleetReport recorded(long age, String path) {
		return new FleetReport(this.paused, this.reload, this.crashLoops,
				this.deaths.stream().map((death) -> (death.age() == age) ? death.incident(path) : death).toList(),
				this.history, this.problems, this.releases);
	}

	FleetReport history(FleetHistory newHistory) {
		return new FleetReport(this.paused, this.reload, this.crashLoops, this.deaths, newHistory, this.problems,
				this.releases);
	}

	/**
	 * Return the report with other problems.
	 * @param newProblems the problems
	 * @return the report
	 */
	public FleetReport problems(List<Problem> newProblems) {
		return new FleetReport(this.paused, this.reload, this.crashLoops, this.deaths, this.history, newProblems,
				this.releases);
	}

	FleetReport releases(ReleaseReport newReleases) {
		return new FleetReport(this.paused, this.reload, this.crashLoops, this.deaths, this.history, this.problems,
				newReleases);
	}

	/**
	 * Return the problems that fit: the worst, and those that ended last.
	 */
	private List<Problem> shownProblems() {
		List<Problem> over = this.problems.stream()
			.filter((problem) -> !problem.ongoing())
			.limit(Problem.MAX_OVER)
			.toList();
		return Stream
			.concat(this.problems.stream().filter(Problem::ongoing).limit(Problem.MAX - over.size()), over.stream())
			.toList();
	}

	/**
	 * Return the report as bytes.
	 * @return bytes for {@link #ofBytes(byte[])}
	 */
	public byte[] toBytes() {
		return DataBytes.of(this::write);
	}

	private void write(DataOutputStream out) throws IOException {
		out.writeBoolean(this.paused);
		out.writeBoolean(this.reload != null);
		if (this.reload != null) {
			out.writeInt(this.reload.generation());
			out.writeByte(this.reload.outcome().ordinal());
			out.writeLong(this.reload.startedAt());
			out.writeLong(this.reload.endedAt());
			out.writeUTF(this.reload.cause());
			out.writeUTF(this.reload.failure());
		}
		out.writeShort(this.crashLoops.size());
		for (CrashLoop loop : this.crashLoops) {
			out.writeInt(loop.index());
			out.writeInt(loop.deaths());
			out.writeLong(loop.respawnAt());
		}
		out.writeShort(this.deaths.size());
		for (DeathReport death : this.deaths) {
			out.writeInt(death.index());
			out.writeLong(death.age());
			out.writeLong(death.pid());
			out.writeInt(death.generation());
			out.writeLong(death.at());
			out.writeByte(death.death().cause().ordinal());
			out.writeUTF(limited(death.death().description()));
			out.writeUTF(limited(death.incident()));
		}
		this.history.write(out);
		List<Problem> shown = shownProblems();
		out.writeByte(shown.size());
		for (Problem problem : shown) {
			problem.write(out);
		}
		this.releases.write(out);
	}

	private static String limited(String text) {
		return (text.length() <= MAX_TEXT) ? text : text.substring(0, MAX_TEXT);
	}

	/**
	 * Read a report.
	 * @param bytes the bytes
	 * @return the report; an empty one if the bytes are not a report
	 */
	public static FleetReport ofBytes(byte[] bytes) {
		try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
			boolean paused = in.readBoolean();
			ReloadReport reload = in.readBoolean() ? new ReloadReport(in.readInt(),
					ReloadOutcome.values()[in.readByte()], in.readLong(), in.readLong(), in.readUTF(), in.readUTF())
					: null;
			List<CrashLoop> crashLoops = new ArrayList<>();
			for (int left = in.readUnsignedShort(); left > 0; left--) {
				crashLoops.add(new CrashLoop(in.readInt(), in.readInt(), in.readLong()));
			}
			List<DeathReport> deaths = new ArrayList<>();
			for (int left = in.readUnsignedShort(); left > 0; left--) {
				deaths.add(new DeathReport(in.readInt(), in.readLong(), in.readLong(), in.readInt(), in.readLong(),
						new Death(ExitCause.values()[in.readByte()], in.readUTF()), in.readUTF()));
			}
			FleetHistory history = FleetHistory.read(in);
			List<Problem> problems = new ArrayList<>();
			// Arbiters of older versions do not write problems
			for (int left = Math.max(0, in.read()); left > 0; left--) {
				Problem problem = Problem.read(in);
				if (problem != null) {
					problems.add(problem);
				}
			}
			ReleaseReport releases = (in.available() > 0) ? ReleaseReport.read(in) : ReleaseReport.NONE;
			return new FleetReport(paused, reload, crashLoops, deaths, history, problems, releases);
		}
		catch (IOException | IndexOutOfBoundsException | IllegalArgumentException ex) {
			return EMPTY;
		}
	}

	/**
	 * Convert the times of the report.
	 * @param clock converts a time of the report
	 * @return the report
	 */
	FleetReport at(LongUnaryOperator clock) {
		ReloadReport newReload = (this.reload == null) ? null
				: new ReloadReport(this.reload.generation(), this.reload.outcome(),
						clock.applyAsLong(this.reload.startedAt()),
						(this.reload.outcome() != ReloadOutcome.RUNNING) ? clock.applyAsLong(this.reload.endedAt()) : 0,
						this.reload.cause(), this.reload.failure());
		return new FleetReport(this.paused, newReload,
				this.crashLoops.stream()
					.map((loop) -> new CrashLoop(loop.index(), loop.deaths(), clock.applyAsLong(loop.respawnAt())))
					.toList(),
				this.deaths.stream()
					.map((death) -> new DeathReport(death.index(), death.age(), death.pid(), death.generation(),
							clock.applyAsLong(death.at()), death.death(), death.incident()))
					.toList(),
				this.history.at(clock), this.problems, this.releases);
	}

}
