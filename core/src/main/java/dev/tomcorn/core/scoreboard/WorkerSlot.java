package dev.tomcorn.core.scoreboard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.time.Instant;

/**
 * One worker's row of the scoreboard. The arbiter writes it while no worker has it,
 * afterwards its worker does. All processes read it. Heartbeats are readings of
 * {@link System#nanoTime()}, which all processes of a Linux machine share.
 */
public final class WorkerSlot {

	/**
	 * Time without a heartbeat after which a worker that has loaded the application
	 * counts as silent for all processes: other workers take its share, and no process
	 * sends it requests. Its heart beats eight times as often. A silent worker may
	 * recover. The arbiter kills it only after {@code tomcorn.timeout}.
	 */
	public static final Duration SILENCE = Duration.ofSeconds(2);

	static final long SIZE = 1024;

	private static final long MEGABYTE = 1024 * 1024;

	private static final VarHandle INT_FIELD = ValueLayout.JAVA_INT.varHandle();

	private static final VarHandle LONG_FIELD = ValueLayout.JAVA_LONG.varHandle();

	private static final long STATE = 0;

	private static final long INDEX = 4;

	private static final long AGE = 8;

	private static final long PID = 16;

	private static final long STARTED_AT = 24;

	private static final long GENERATION = 32;

	private static final long BOOT_MILLIS = 36;

	private static final long HEARTBEAT = 40;

	private static final long TROUBLE = 48;

	private static final long GC_MILLIS = 56;

	private static final long HEAP_USED = 64;

	private static final long HEAP_MAX = 72;

	private static final long RESIDENT_MEMORY = 80;

	private static final long CAPACITY = 88;

	private static final long LEADER = 92;

	// Fields that every request writes have cache lines of their own

	private static final long ACCEPTING = 128;

	private static final long OPEN_CONNECTIONS = 132;

	private static final long BUSY = 136;

	private static final long ACTIVE_REQUESTS = 192;

	private static final long WAITING_REQUESTS = 196;

	private static final long HANDLED_REQUESTS = 200;

	private static final long FAILED_REQUESTS = 208;

	private static final long FIGURES = 256;

	private final int number;

	private final MemorySegment memory;

	private final boolean solo;

	private final VersionedBytes figures;

	/**
	 * Create the view of a slot.
	 * @param solo whether only this process sees it
	 */
	WorkerSlot(int number, MemorySegment memory, boolean solo) {
		this.number = number;
		this.memory = memory;
		this.solo = solo;
		this.figures = new VersionedBytes(memory.asSlice(FIGURES));
	}

	void claim(int index, long age, int generation) {
		this.memory.asSlice(0, FIGURES).fill((byte) 0);
		// The version keeps counting for readers of the previous worker's figures
		this.figures.set(new byte[0]);
		INT_FIELD.setVolatile(this.memory, INDEX, index);
		LONG_FIELD.setVolatile(this.memory, AGE, age);
		INT_FIELD.setVolatile(this.memory, GENERATION, generation);
		LONG_FIELD.setVolatile(this.memory, STARTED_AT, System.currentTimeMillis());
		beat();
		setState(WorkerState.STARTING);
	}

	/**
	 * Release the slot of a worker that has ended.
	 */
	public void vacate() {
		setState(WorkerState.VACANT);
		INT_FIELD.setVolatile(this.memory, ACCEPTING, 0);
	}

	/**
	 * Return the slot's place in the scoreboard.
	 * @return the number, from 0
	 */
	public int number() {
		return this.number;
	}

	/**
	 * Return the state of the worker.
	 * @return the state
	 */
	public WorkerState state() {
		return WorkerState.of((int) INT_FIELD.getVolatile(this.memory, STATE));
	}

	/**
	 * Change from one state to another, unless the worker has left the first one.
	 * @param from the state it is in
	 * @param to the state it enters
	 * @return whether it has
	 */
	public boolean advance(WorkerState from, WorkerState to) {
		return INT_FIELD.compareAndSet(this.memory, STATE, from.ordinal(), to.ordinal());
	}

	/**
	 * Set the state of the worker, whatever it was.
	 * @param state the state
	 */
	public void setState(WorkerState state) {
		INT_FIELD.setVolatile(this.memory, STATE, state.ordinal());
	}

	/**
	 * Return the worker's place in the fleet.
	 * @return the index, from 0
	 */
	public int index() {
		return (int) INT_FIELD.getVolatile(this.memory, INDEX);
	}

	/**
	 * Return how many workers were spawned before it, plus one.
	 * @return the age
	 */
	public long age() {
		return (long) LONG_FIELD.getVolatile(this.memory, AGE);
	}

	/**
	 * Return the generation of the worker.
	 * @return the generation, from 1
	 */
	public int generation() {
		return (int) INT_FIELD.getVolatile(this.memory, GENERATION);
	}

	/**
	 * Return the worker's process id.
	 * @return the process id, 0 until the process is started
	 */
	public long pid() {
		return (long) LONG_FIELD.getVolatile(this.memory, PID);
	}

	/**
	 * Set the worker's process id.
	 * @param pid the process id
	 */
	public void setPid(long pid) {
		LONG_FIELD.setVolatile(this.memory, PID, pid);
	}

	/**
	 * Return when the worker was spawned.
	 * @return the time
	 */
	public Instant startedAt() {
		return Instant.ofEpochMilli((long) LONG_FIELD.getVolatile(this.memory, STARTED_AT));
	}

	/**
	 * Set when the worker was spawned.
	 * @param startedAt the time
	 */
	public void setStartedAt(Instant startedAt) {
		LONG_FIELD.setVolatile(this.memory, STARTED_AT, startedAt.toEpochMilli());
	}

	/**
	 * Return how long the worker took from spawn to ready.
	 * @return the time, zero until it is ready
	 */
	public Duration bootTime() {
		return Duration.ofMillis((int) INT_FIELD.getVolatile(this.memory, BOOT_MILLIS));
	}

	/**
	 * Set how long the worker took from spawn to ready.
	 * @param bootTime the time
	 */
	public void setBootTime(Duration bootTime) {
		INT_FIELD.setVolatile(this.memory, BOOT_MILLIS, (int) Math.min(bootTime.toMillis(), Integer.MAX_VALUE));
	}

	/**
	 * Record a heartbeat.
	 */
	public void beat() {
		LONG_FIELD.setVolatile(this.memory, HEARTBEAT, System.nanoTime());
	}

	/**
	 * Return the time of the worker's last heartbeat.
	 * @return a reading of {@link System#nanoTime()}
	 */
	public long heartbeat() {
		return (long) LONG_FIELD.getVolatile(this.memory, HEARTBEAT);
	}

	/**
	 * Return the time since the worker's last heartbeat. {@link #isSilent()} tells
	 * whether that is too long.
	 * @return the age of its heartbeat, never negative; zero in a solo application
	 */
	public Duration heartbeatAge() {
		return this.solo ? Duration.ZERO : Duration.ofNanos(Math.max(0, System.nanoTime() - heartbeat()));
	}

	/**
	 * Return whether the worker is silent. One that has not loaded the application is
	 * never silent, since it may not have a heartbeat yet.
	 * @return whether its heartbeat is older than {@link #SILENCE}
	 */
	public boolean isSilent() {
		return switch (state()) {
			case VACANT, STARTING -> false;
			case STANDBY, READY, DRAINING -> heartbeatAge().compareTo(SILENCE) > 0;
		};
	}

	/**
	 * Return whether the worker takes traffic, as far as others can tell.
	 * @return whether it is ready and not silent
	 */
	public boolean isServing() {
		return state() == WorkerState.READY && !isSilent();
	}

	/**
	 * Return why the worker suppresses its heartbeat. A worker that is frozen, or that
	 * lacks the memory or CPU to notice, gives no reason.
	 * @return the last trouble it noticed
	 */
	public Trouble trouble() {
		return Trouble.of((int) INT_FIELD.getVolatile(this.memory, TROUBLE));
	}

	/**
	 * Set why the worker suppresses its heartbeat.
	 * @param trouble the trouble
	 */
	public void setTrouble(Trouble trouble) {
		INT_FIELD.setVolatile(this.memory, TROUBLE, trouble.ordinal());
	}

	/**
	 * Return how long the worker has stood still for collections of garbage since its JVM
	 * started. Concurrent phases of collectors do not count.
	 * @return the time in milliseconds
	 */
	public long gcMillis() {
		return (long) LONG_FIELD.getVolatile(this.memory, GC_MILLIS);
	}

	/**
	 * Return the heap in use, garbage included.
	 * @return the number of bytes, 0 until the first reading
	 */
	public long heapUsed() {
		return (long) LONG_FIELD.getVolatile(this.memory, HEAP_USED);
	}

	/**
	 * Return how far the heap can grow.
	 * @return the number of bytes, 0 until the first reading
	 */
	public long heapMax() {
		return (long) LONG_FIELD.getVolatile(this.memory, HEAP_MAX);
	}

	/**
	 * Return the memory of the machine that the process occupies.
	 * @return the number of bytes, 0 until the first reading and where there is none
	 */
	public long residentMemory() {
		return (long) LONG_FIELD.getVolatile(this.memory, RESIDENT_MEMORY);
	}

	/**
	 * Set the readings of the worker's memory.
	 * @param gcMillis time that collections have taken, in milliseconds
	 * @param heapUsed heap in use, in bytes
	 * @param heapMax how far the heap can grow, in bytes
	 * @param residentMemory memory of the machine that the process occupies, in bytes
	 */
	public void setGauges(long gcMillis, long heapUsed, long heapMax, long residentMemory) {
		LONG_FIELD.setVolatile(this.memory, GC_MILLIS, gcMillis);
		LONG_FIELD.setVolatile(this.memory, HEAP_USED, heapUsed);
		LONG_FIELD.setVolatile(this.memory, HEAP_MAX, heapMax);
		LONG_FIELD.setVolatile(this.memory, RESIDENT_MEMORY, residentMemory);
	}

	/**
	 * Return how many requests the worker runs at once.
	 * @return the number of requests, 0 until it is known
	 */
	public int capacity() {
		return (int) INT_FIELD.getVolatile(this.memory, CAPACITY);
	}

	/**
	 * Set how many requests the worker runs at once.
	 * @param capacity the number of requests
	 */
	public void setCapacity(int capacity) {
		INT_FIELD.setVolatile(this.memory, CAPACITY, capacity);
	}

	/**
	 * Return whether the worker is the leader.
	 * @return whether it is the leader
	 */
	public boolean leader() {
		return (int) INT_FIELD.getVolatile(this.memory, LEADER) != 0;
	}

	/**
	 * Set whether the worker is the leader.
	 * @param leader whether it is the leader
	 */
	public void setLeader(boolean leader) {
		INT_FIELD.setVolatile(this.memory, LEADER, leader ? 1 : 0);
	}

	/**
	 * Return the worker's own measurements.
	 * @return its last sample, {@link WorkerFigures#NONE} if there is none
	 */
	public WorkerFigures figures() {
		return WorkerFigures.ofBytes(this.figures.get());
	}

	/**
	 * Set the worker's own measurements. For one thread.
	 * @param newFigures the sample
	 */
	public void setFigures(WorkerFigures newFigures) {
		this.figures.set(newFigures.toBytes());
	}

	/**
	 * Return whether the worker takes connections: its gate is open and it is below its
	 * limit, even if it leaves the next one to another worker.
	 * @return whether it will take one of the next connections
	 */
	public boolean accepting() {
		return (int) INT_FIELD.getVolatile(this.memory, ACCEPTING) != 0;
	}

	/**
	 * Set whether the worker takes connections.
	 * @param accepting whether it does
	 */
	public void setAccepting(boolean accepting) {
		INT_FIELD.setVolatile(this.memory, ACCEPTING, accepting ? 1 : 0);
	}

	/**
	 * Return the connections that it has taken and not closed.
	 * @return the number of connections
	 */
	public int openConnections() {
		return (int) INT_FIELD.getVolatile(this.memory, OPEN_CONNECTIONS);
	}

	/**
	 * Add to the connections that are open.
	 * @param change number to add, negative to subtract
	 */
	public void addOpenConnections(int change) {
		INT_FIELD.getAndAdd(this.memory, OPEN_CONNECTIONS, change);
	}

	/**
	 * Return the tasks of connections that run or wait to run.
	 * @return the number of tasks
	 */
	public int busy() {
		return (int) INT_FIELD.getVolatile(this.memory, BUSY);
	}

	/**
	 * Add to the tasks that run or wait to run.
	 * @param change number to add, negative to subtract
	 */
	public void addBusy(int change) {
		INT_FIELD.getAndAdd(this.memory, BUSY, change);
	}

	/**
	 * Return the requests that have begun and not ended, asynchronous and waiting ones
	 * included.
	 * @return the number of requests
	 */
	public int activeRequests() {
		return (int) INT_FIELD.getVolatile(this.memory, ACTIVE_REQUESTS);
	}

	/**
	 * Return the requests that wait for the worker's limit to let them run.
	 * @return the number of requests, a part of the active ones
	 */
	public int waitingRequests() {
		return (int) INT_FIELD.getVolatile(this.memory, WAITING_REQUESTS);
	}

	/**
	 * Return the requests that have begun and not ended and do not wait for the worker's
	 * limit.
	 * @return the number of requests, asynchronous ones included
	 */
	public int runningRequests() {
		return Math.max(0, activeRequests() - waitingRequests());
	}

	/**
	 * Return what waits in the worker: requests that wait for its limit, and tasks that
	 * wait for a thread or a carrier.
	 * @return the number, as a lower bound
	 */
	public int waiting() {
		int active = activeRequests();
		return Math.max(0, busy() - active) + Math.min(active, Math.max(0, waitingRequests()));
	}

	/**
	 * Add to the requests that wait.
	 * @param change number to add, negative to subtract
	 */
	public void addWaitingRequests(int change) {
		INT_FIELD.getAndAdd(this.memory, WAITING_REQUESTS, change);
	}

	/**
	 * Return the requests that have ended.
	 * @return the number of requests
	 */
	public long handledRequests() {
		return (long) LONG_FIELD.getVolatile(this.memory, HANDLED_REQUESTS);
	}

	/**
	 * Return the requests that have ended with a status of 500 or more or with an
	 * exception.
	 * @return the number of requests, a part of the handled ones
	 */
	public long failedRequests() {
		return (long) LONG_FIELD.getVolatile(this.memory, FAILED_REQUESTS);
	}

	/**
	 * Describe what the worker does, for a log or a report.
	 * @return the readings in a line
	 */
	public String describe() {
		return ("state %s, heartbeat %d ms ago%s, requests active %d, waiting %d, handled %d, connections open %d, "
				+ "tasks %d, accepting %s, heap %d of %d MB, resident %d MB, collections took %d ms")
			.formatted(state(), heartbeatAge().toMillis(),
					(trouble() == Trouble.NONE) ? "" : " (" + trouble().description() + ")", activeRequests(),
					waitingRequests(), handledRequests(), openConnections(), busy(), accepting(), heapUsed() / MEGABYTE,
					heapMax() / MEGABYTE, residentMemory() / MEGABYTE, gcMillis());
	}

	/**
	 * Count a request in.
	 */
	public void requestBegan() {
		INT_FIELD.getAndAdd(this.memory, ACTIVE_REQUESTS, 1);
	}

	/**
	 * Count a request out.
	 */
	public void requestEnded() {
		INT_FIELD.getAndAdd(this.memory, ACTIVE_REQUESTS, -1);
		LONG_FIELD.getAndAdd(this.memory, HANDLED_REQUESTS, 1L);
	}

	/**
	 * Count a request that is about to be counted out as failed.
	 */
	public void requestFailed() {
		LONG_FIELD.getAndAdd(this.memory, FAILED_REQUESTS, 1L);
	}

}
