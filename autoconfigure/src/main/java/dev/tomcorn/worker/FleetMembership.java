package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.file.NoSuchFileException;

import dev.tomcorn.core.control.ControlClient;
import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.LockFile;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import dev.tomcorn.core.scoreboard.WorkerRecords;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a supervised worker shares with its arbiter and the other workers.
 *
 * @param identity identity of the worker
 * @param scoreboard the fleet's scoreboard
 * @param slot the worker's slot of it
 * @param listener the listening sockets
 * @param listeners the table of them
 * @param control the connection to the arbiter
 * @param heartbeat the worker's heartbeat
 * @param locks the fleet's locks
 * @param record the record that stays readable after the worker's end, {@code null} if
 * the arbiter has none
 * @param alive keeps others from removing the run directory, {@code null} if that is not
 * possible
 */
record FleetMembership(WorkerIdentity identity, Scoreboard scoreboard, WorkerSlot slot, SharedListener listener,
		ListenerTable listeners, ControlClient control, Heartbeat heartbeat, FleetLocks locks,
		@Nullable WorkerRecord record, @Nullable LockFile alive) {

	private static final Log logger = LogFactory.getLog(FleetMembership.class);

	/**
	 * Join the arbiter that spawned this JVM: take over the listening socket and connect.
	 * @param identity identity of this worker
	 * @param locks the fleet's locks, which stay open from here on
	 * @return the membership
	 * @throws IOException if the arbiter or its shared files cannot be reached
	 */
	static FleetMembership join(WorkerIdentity identity, FleetLocks locks) throws IOException {
		Scoreboard scoreboard = Scoreboard.open(identity.scoreboard(), identity.arbiterPid());
		WorkerSlot slot = scoreboard.slot(identity.placement().slot());
		ListenerTable listeners = listeners(identity);
		SharedListener listener = SharedListener.inherit(identity.listenerSockets(listeners.listeners().size()));
		ControlClient control = ControlClient.connect(identity.controlSocket(), identity.placement().age(),
				token(scoreboard));
		return new FleetMembership(identity, scoreboard, slot, listener, listeners, control, Heartbeat.of(slot), locks,
				record(identity), alive(identity));
	}

	/**
	 * Return the record that stays readable after this worker's end, or {@code null} if
	 * an arbiter of another version has none.
	 */
	private static @Nullable WorkerRecord record(WorkerIdentity identity) {
		try {
			return WorkerRecords.open(identity.records(), identity.arbiterPid())
				.of(identity.placement().slot(), identity.placement().age());
		}
		catch (IOException ex) {
			logger.debug("This worker has no record for after its end", ex);
			return null;
		}
	}

	/**
	 * Return the table of listening sockets. Without it this worker would serve the first
	 * address only.
	 */
	private static ListenerTable listeners(WorkerIdentity identity) throws IOException {
		try {
			return ListenerTable.open(WorkerIdentity.listeners(identity.runDirectory()), identity.arbiterPid());
		}
		catch (NoSuchFileException ex) {
			logger.debug("The arbiter is of an older version and has one listening socket", ex);
			return ListenerTable.none();
		}
	}

	static String token(Scoreboard scoreboard) {
		String token = scoreboard.token();
		return token.isEmpty() ? WorkerIdentity.tokenOfOlderArbiter(System.getenv()) : token;
	}

	/**
	 * Keep others from removing the run directory while this worker lives. The arbiter
	 * holds a lock, too; this one matters when the worker outlives the arbiter.
	 */
	private static @Nullable LockFile alive(WorkerIdentity identity) {
		try {
			return LockFile.share(identity.runDirectory());
		}
		catch (IOException ex) {
			return null;
		}
	}

	/**
	 * Return whether no other worker may exist while this one boots.
	 */
	boolean isFirst() {
		return this.identity.placement().index() == 0 && this.identity.placement().generation() == 1;
	}

}
