package dev.tomcorn.core;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.ExitStatus;
import dev.tomcorn.core.arbiter.Fleet;
import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.control.ControlServer;
import dev.tomcorn.core.control.Message;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.jspecify.annotations.Nullable;

/**
 * The fleet as operating-system processes. Used by the arbiter's thread only.
 */
final class ProcessFleet implements Fleet, AutoCloseable {

	/**
	 * Draining workers keep their slot while their successors have another.
	 */
	static final int SLOTS = 2 * ArbiterSettings.MAX_WORKERS;

	private final WorkerLauncher launcher;

	private final Scoreboard scoreboard;

	private final Function<Placement, WorkerIdentity> identities;

	private final Map<Long, Member> members = new HashMap<>();

	private @Nullable ControlServer control;

	private Consumer<Event> events = (event) -> {
	};

	ProcessFleet(WorkerLauncher launcher, Scoreboard scoreboard, Function<Placement, WorkerIdentity> identities) {
		this.launcher = launcher;
		this.scoreboard = scoreboard;
		this.identities = identities;
	}

	void connect(ControlServer newControl, Consumer<Event> newEvents) {
		this.control = newControl;
		this.events = newEvents;
	}

	@Override
	public long spawn(Placement placement) throws IOException {
		if (placement.slot() >= SLOTS) {
			throw new IOException("All " + SLOTS + " slots are taken by workers that have not ended");
		}
		long age = placement.age();
		WorkerSlot slot = this.scoreboard.claim(placement.slot(), placement.index(), age, placement.generation());
		if (this.control != null) {
			this.control.expect(age);
		}
		try {
			Process process = this.launcher.launch(this.identities.apply(placement));
			slot.setPid(process.pid());
			this.members.put(age, new Member(process, slot));
			process.onExit()
				.thenAccept((ended) -> this.events.accept(new Event.Exited(age, new ExitStatus(ended.exitValue()))));
			return process.pid();
		}
		catch (IOException ex) {
			slot.vacate();
			throw ex;
		}
	}

	@Override
	public void stop(long age, Duration gracefulTimeout) {
		Member member = this.members.get(age);
		if (member != null && (this.control == null || !this.control.send(age, new Message.Stop(gracefulTimeout)))) {
			// Not so far yet that it listens to messages
			member.process().destroy();
		}
	}

	@Override
	public void kill(long age) {
		Member member = this.members.get(age);
		if (member != null) {
			member.process().destroyForcibly();
		}
	}

	@Override
	public void release(long age) {
		Member member = this.members.remove(age);
		if (member != null) {
			member.slot().vacate();
		}
		if (this.control != null) {
			this.control.forget(age);
		}
	}

	@Override
	public void publish(int generation, int targetWorkers) {
		this.scoreboard.publish(generation, targetWorkers);
	}

	@Override
	public Map<Long, Long> heartbeats() {
		Map<Long, Long> heartbeats = new HashMap<>();
		this.members.forEach((age, member) -> heartbeats.put(age, member.slot().heartbeat()));
		return heartbeats;
	}

	/**
	 * Kill what is left, should the arbiter end before its workers.
	 */
	@Override
	public void close() {
		this.members.values().forEach((member) -> member.process().destroyForcibly());
	}

	/**
	 * A worker's process and its row of the scoreboard.
	 */
	private record Member(Process process, WorkerSlot slot) {

	}

}
