package dev.tomcorn.core;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Command;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.Fleet;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.arbiter.Requester;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.control.Message;
import dev.tomcorn.core.incident.CausesOfDeath;
import dev.tomcorn.core.listener.ListeningSockets;
import dev.tomcorn.core.problem.ProcFiles;
import dev.tomcorn.core.process.HeapShare;
import dev.tomcorn.core.process.Recording;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLabel;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.process.OptionIndexes;
import dev.tomcorn.core.release.Releases;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as operating-system processes. Used by the arbiter's thread only.
 */
final class ProcessFleet implements Fleet, AutoCloseable {

	/**
	 * Draining workers keep their slots while their successors use others.
	 */
	static final int SLOTS = 2 * ArbiterSettings.MAX_WORKERS;

	/**
	 * Longest delay of the report of an exit.
	 */
	private static final Duration UNTOLD = Duration.ofSeconds(5);

	/**
	 * Longest delay of a worker's last messages after its end.
	 */
	private static final Duration LAST_MESSAGES = Duration.ofSeconds(1);

	/**
	 * First exit code of a signal.
	 */
	private static final int SIGNALLED = 128;

	/**
	 * Exit code of a JVM that aborts, as it does when an agent cannot start.
	 */
	private static final int ABORTED = SIGNALLED + 6;

	/**
	 * The jar on disk is checked with every n-th reading of the heartbeats.
	 */
	private static final int CHECK_EVERY = 20;

	/**
	 * Why a worker that has recorded enough is replaced.
	 */
	static final String RECORDED = "what it has recorded becomes an AOT cache";

	private final WorkerLauncher launcher;

	private final Releases releases;

	private final HeapShare heap;

	private final Scoreboard scoreboard;

	private final WorkerRecords records;

	private final FleetLocks locks;

	private final ListeningSockets sockets;

	private final QueuesWatch queues;

	private final Function<Placement, WorkerIdentity> identities;

	private final ControlServer control;

	private final RunDirectoryKeeper keeper;

	private final Consumer<Event> events;

	private final WorkerDiagnostics diagnostics;

	private final ArbiterReplacement replacement;

	private final OptionIndexes optionIndexes;

	private final Map<Long, Member> members = new HashMap<>();

	private final ExecutorService exits = Executors
		.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("tomcorn-exits").factory());

	private volatile ArbiterSettings settings;

	private int places;

	private int ticks;

	/**
	 * Whether all workers end.
	 */
	private boolean last;

	ProcessFleet(WorkerLauncher launcher, Releases releases, HeapShare heap, ArbiterSettings settings,
			Scoreboard scoreboard, WorkerRecords records, FleetLocks locks, ListeningSockets sockets,
			QueuesWatch queues, Function<Placement, WorkerIdentity> identities, ControlServer control,
			RunDirectoryKeeper keeper, Consumer<Event> events, WorkerDiagnostics diagnostics,
			ArbiterReplacement replacement, OptionIndexes optionIndexes) {
		this.launcher = launcher;
		this.releases = releases;
		this.heap = heap;
		this.settings = settings;
		this.scoreboard = scoreboard;
		this.records = records;
		this.locks = locks;
		this.sockets = sockets;
		this.queues = queues;
		this.identities = identities;
		this.control = control;
		this.keeper = keeper;
		this.events = events;
		this.diagnostics = diagnostics;
		this.replacement = replacement;
		this.optionIndexes = optionIndexes;
	}

	/**
	 * A worker's process and its row of the scoreboard.
	 */
	private static final class Member {

		private final Process process;

		private final Placement placement;

		private final WorkerSlot slot;

		private final @Nullable WorkerRecord record;

		private final WorkerLabel label;

		private final int optionIndex;

		private final RecordingWatch recording;

		private final Instant started = Instant.now();

		private volatile boolean signalled;

		private long deadSince;

		Member(Process process, Placement placement, WorkerSlot slot, @Nullable WorkerRecord record, WorkerLabel label,
				int optionIndex, RecordingWatch recording) {
			this.process = process;
			this.placement = placement;
			this.slot = slot;
			this.record = record;
			this.label = label;
			this.optionIndex = optionIndex;
			this.recording = recording;
		}

		/**
		 * Return why the worker is silent, according to its slot or the kernel.
		 */
		private String trouble() {
			String own = this.slot.trouble().description();
			if (!this.slot.isSilent()) {
				return own;
			}
			if (ProcFiles.ofThisMachine().isStopped(this.process.pid())) {
				return "a signal has stopped it";
			}
			String carriers = note(WorkerRecord.Note.CARRIERS);
			return own + (carriers.isEmpty() ? "" : ": " + carriers);
		}

		private String note(WorkerRecord.Note note) {
			return (this.record != null) ? this.record.note(note) : "";
		}

		private CausesOfDeath.ExitEvidence exitEvidence() {
			return new CausesOfDeath.ExitEvidence(note(WorkerRecord.Note.EXIT_CALLER), note(WorkerRecord.Note.MEMORY));
		}

		private String describe() {
			return this.slot.describe() + RecordedRequests.describe(this.record);
		}

	}

	@Override
	public long spawn(Placement placement) throws IOException {
		if (placement.slot() >= SLOTS) {
			throw new IOException("All " + SLOTS + " slots are taken by workers that have not ended");
		}
		long age = placement.age();
		WorkerSlot slot = this.scoreboard.claim(placement.slot(), placement.index(), age, placement.generation());
		this.control.expect(age);
		Process process = null;
		boolean adopted = false;
		try {
			WorkerIdentity identity = this.identities.apply(placement);
			this.keeper.restore();
			WorkerRecord record = record(placement);
			WorkerLabel label = label(placement.index());
			int optionIndex = this.optionIndexes.choose(placement.index(), takenOptionIndexes());
			Releases.Start start = this.releases.start(placement, this.places == 1);
			process = this.launcher.launch(start.plan(), identity, label, optionIndex,
					Stream.concat(this.heap.options(this.settings).stream(), start.options().stream()).toList());
			slot.setPid(process.pid());
			Member member = new Member(process, placement, slot, record, label, optionIndex,
					new RecordingWatch(
							(start.recording() != null) ? Recording.closedMark(start.recording(), process.pid()) : null,
							this.releases.settings(), System::nanoTime));
			process.onExit()
				.thenApply((ended) -> System.nanoTime())
				.thenAcceptAsync((endedAt) -> exited(member, endedAt), this.exits);
			this.members.put(age, member);
			adopted = true;
			return process.pid();
		}
		finally {
			if (!adopted) {
				if (process != null) {
					process.destroyForcibly();
				}
				this.releases.ended(age, SIGNALLED, true);
				slot.vacate();
			}
		}
	}

	/**
	 * Return how long a worker may be silent, for any thread.
	 */
	Duration timeout() {
		return this.settings.timeout();
	}

	/**
	 * Return how long a worker waits for its requests at its end, for any thread.
	 */
	Duration gracefulTimeout() {
		return this.settings.gracefulTimeout();
	}

	private @Nullable WorkerRecord record(Placement placement) {
		try {
			this.records.claim(placement.slot(), placement.age());
			return this.records.of(placement.slot(), placement.age());
		}
		catch (IOException ex) {
			// No memory for a record: less is known about its end
			return null;
		}
	}

	private List<Integer> takenOptionIndexes() {
		return this.members.values().stream().map((member) -> member.optionIndex).toList();
	}

	/**
	 * Choose the label of a worker's files, so that no other process writes the same
	 * ones.
	 */
	private WorkerLabel label(int index) {
		Set<WorkerLabel> promised = this.members.values()
			.stream()
			.map((member) -> member.label)
			.collect(Collectors.toSet());
		try {
			int free = this.locks.freeName(index, (number) -> promised.contains(new WorkerLabel(index, number)));
			return new WorkerLabel(index, free % FleetLocks.NAMES);
		}
		catch (IOException ex) {
			return new WorkerLabel(index, 0);
		}
	}

	/**
	 * Called in a thread of its own, since finding the cause of death may wait for a
	 * disk. The time for last messages starts at the end of each worker, so that many
	 * simultaneous ends do not add up.
	 */
	private void exited(Member member, long endedAt) {
		try {
			this.control.awaitDisconnection(member.placement.age(), endedAt + LAST_MESSAGES.toNanos());
			this.events.accept(exit(member, causeOf(member)));
		}
		catch (RuntimeException | OutOfMemoryError ex) {
			exitedUntold(member);
		}
	}

	private void exitedUntold(Member member) {
		this.events.accept(exit(member, new Death(ExitCause.EXIT, "exit code " + member.process.exitValue())));
	}

	private Event.Exited exit(Member member, Death death) {
		long age = member.placement.age();
		return new Event.Exited(age, death, member.process.exitValue(), this.control.hasJoined(age),
				RecordedRequests.lost(member.slot, member.record));
	}

	private Death causeOf(Member member) {
		int exitCode = member.process.exitValue();
		boolean byItself = exitCode != 0 && exitCode < SIGNALLED || exitCode == ABORTED;
		if (!member.signalled && byItself && !this.control.hasJoined(member.placement.age())) {
			this.launcher.endedBeforeItsApplication(
					"Worker %d (pid %d)".formatted(member.placement.index(), member.process.pid()));
		}
		return this.diagnostics.causeOf(exitCode, member.process.pid(), member.slot.state() == WorkerState.DRAINING,
				member.signalled, member.exitEvidence());
	}

	/**
	 * Detect an exit that was not reported, because the reporting thread hangs or has
	 * failed.
	 */
	private void checkForUnreportedExit(Member member) {
		if (member.process.isAlive()) {
			return;
		}
		if (member.deadSince == 0) {
			member.deadSince = System.nanoTime();
		}
		else if (System.nanoTime() - member.deadSince > UNTOLD.toNanos()) {
			exitedUntold(member);
		}
	}

	@Override
	public void carryOut(Command.OfFleet command) {
		switch (command) {
			case Command.Prepare(int generation, long since, String wanted) ->
				this.releases.prepare(generation, since, wanted);
			case Command.Adopt(int generation, ApplicationRelease release) -> this.releases.adopt(generation, release);
			case Command.Serve serve -> serve(serve);
			case Command.Stop stop -> stop(stop);
			case Command.Record(long age, Death cause, boolean alive) -> record(age, cause, alive);
			case Command.Dump(long age, String reason) -> dump(age, reason);
			case Command.Kill(long age) -> kill(age);
			case Command.Release(long age) -> release(age);
			case Command.Publish(int generation, ArbiterSettings newSettings, int targetWorkers) ->
				publish(generation, newSettings, targetWorkers);
			case Command.Post(FleetReport report) -> this.scoreboard.post(report.toBytes());
			case Command.Reply(Requester requester, Answer answer) -> this.control.reply(requester, answer);
			case Command.RefuseConnections() -> refuseConnections();
			case Command.CloseListener() -> closeListener();
			case Command.LeaveListener() -> this.sockets.leave();
			case Command.SpawnReplacement() -> spawnReplacement();
			case Command.StopReplacement() -> this.replacement.stop(this.sockets::takeIn);
			case Command.TakeOver() -> this.replacement.takeOver(this.sockets::own);
		}
	}

	private void serve(Command.Serve serve) {
		Member member = this.members.get(serve.age());
		if (member != null) {
			member.recording.serves();
			this.releases.booted(serve.age(), member.process.pid());
		}
		this.control.send(serve.age(), new Message.Order(serve));
	}

	private void stop(Command.Stop stop) {
		Member member = this.members.get(stop.age());
		if (member != null && !this.control.send(stop.age(), new Message.Order(stop))) {
			// It does not receive messages yet
			member.signalled = true;
			member.process.destroy();
		}
	}

	private void record(long age, Death cause, boolean alive) {
		Member member = this.members.get(age);
		if (member == null) {
			this.events.accept(new Event.Recorded(age, ""));
			return;
		}
		this.diagnostics.write(member.placement, member.process.pid(), member.started, cause, member.describe(), alive,
				(folder) -> this.control.send(age, new Message.Dump(folder.toString())),
				(incident) -> this.events.accept(new Event.Recorded(age, incident)));
	}

	private void dump(long age, String reason) {
		Member member = this.members.get(age);
		if (member == null) {
			this.events.accept(new Event.Dumped(age, ""));
			return;
		}
		this.diagnostics.writeAlive(member.placement, member.process.pid(), member.started, reason, member.describe(),
				(folder) -> this.control.send(age, new Message.Dump(folder.toString())),
				(folder) -> this.events.accept(new Event.Dumped(age, folder)));
	}

	private void kill(long age) {
		Member member = this.members.get(age);
		if (member != null) {
			member.signalled = true;
			member.process.destroyForcibly();
		}
	}

	private void release(long age) {
		Member member = this.members.remove(age);
		if (member != null) {
			boolean booted = member.signalled || member.slot.state() != WorkerState.STARTING;
			this.releases.ended(age, member.process.isAlive() ? SIGNALLED : member.process.exitValue(), booted);
			this.scoreboard.retire(member.slot);
		}
		this.control.forget(age);
	}

	@Override
	public String describe(long age) {
		Member member = this.members.get(age);
		return (member != null) ? member.slot.describe() : "gone";
	}

	private void publish(int generation, ArbiterSettings newSettings, int targetWorkers) {
		this.settings = newSettings;
		this.places = targetWorkers + newSettings.standby();
		this.scoreboard.publish(generation, targetWorkers, (targetWorkers > 0) ? newSettings.standby() : 0);
	}

	@Override
	public Map<Long, Event.Heartbeat> heartbeats() {
		this.scoreboard.arbiterBeat();
		this.diagnostics.observe();
		this.members.values().forEach(this::checkForUnreportedExit);
		if (this.ticks++ % CHECK_EVERY == CHECK_EVERY - 1) {
			this.releases.checkJar();
		}
		this.members.forEach((age, member) -> {
			if (member.recording.hasServedEnough(member.slot.handledRequests())) {
				this.events.accept(new Event.Recycle(age, RECORDED));
			}
			if (member.process.isAlive() && member.recording.writesForLong(this.last)) {
				kill(age);
			}
		});
		Map<Long, Event.Heartbeat> heartbeats = new HashMap<>();
		this.members.forEach((age, member) -> heartbeats.put(age,
				new Event.Heartbeat(member.slot.heartbeat(), member.trouble(), member.slot.figures().cpuRatio())));
		return heartbeats;
	}

	@Override
	public int queued() {
		return this.queues.sample();
	}

	private void refuseConnections() {
		try {
			this.sockets.refuseConnections();
		}
		catch (IOException ex) {
			// New clients may be reset when the listener closes
		}
	}

	private void closeListener() {
		this.last = true;
		this.sockets.close();
	}

	private void spawnReplacement() {
		try {
			this.keeper.restore();
		}
		catch (IOException ex) {
			this.events.accept(new Event.ReplacementFailed("cannot reach this one: " + ex.getMessage()));
			return;
		}
		this.replacement.start(takenOptionIndexes());
	}

	/**
	 * Let remaining workers drain and end if the arbiter ends before them.
	 */
	@Override
	public void close() {
		this.members.values().forEach((member) -> {
			member.signalled = true;
			member.process.destroy();
		});
		this.replacement.close();
	}

}
