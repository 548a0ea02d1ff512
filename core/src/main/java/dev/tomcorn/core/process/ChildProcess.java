package dev.tomcorn.core.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * A process started with the standard streams of this one. It needs no file of the JDK:
 * {@link ProcessBuilder} runs a helper program, which refuses a JVM of another build
 * after an update of the JDK.
 */
final class ChildProcess extends Process {

	private static final int NONE = -1;

	private static final int SIGTERM = 15;

	private static final int SIGKILL = 9;

	static {
		// If this process was started with CHLD ignored, exit codes are lost
		Signal.handle(new Signal("CHLD"), SignalHandler.SIG_DFL);
	}

	/**
	 * Processes that are starting, and those whose exit codes are not collected yet.
	 */
	private static final Set<ChildProcess> WAITED_FOR = ConcurrentHashMap.newKeySet();

	private final PosixSpawn.Wait end = new PosixSpawn.Wait();

	private final Thread reaper = Thread.ofPlatform().daemon().name("tomcorn-reaper").unstarted(this::reap);

	private final CompletableFuture<Process> exit = new CompletableFuture<>();

	private volatile int pid;

	private int exitCode;

	private boolean ended;

	private ChildProcess() {
	}

	/**
	 * Start a process that blocks no signal.
	 * @param words the program and its arguments
	 * @param environment its environment variables
	 * @param directory where it starts, or {@code null} for where this process is
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static ChildProcess start(ProcessWords words, ChildEnvironment environment, @Nullable Path directory)
			throws IOException {
		return start(words, environment, directory, 0);
	}

	/**
	 * Start a process.
	 * @param words the program and its arguments
	 * @param environment its environment variables
	 * @param directory where it starts, or {@code null} for where this process is
	 * @param blocked the signals that it blocks, signal n as bit n - 1
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static ChildProcess start(ProcessWords words, ChildEnvironment environment, @Nullable Path directory, long blocked)
			throws IOException {
		List<byte[]> variables = environment.entries();
		return start(() -> PosixSpawn.start(words, variables, directory, blocked));
	}

	/**
	 * Start a process in the background: it reads nothing and writes to a file.
	 * @param words the program and its arguments
	 * @param environment its environment variables
	 * @param output takes its output
	 * @param lowestPriority whether it gets the lowest priority
	 * @return the process
	 * @throws IOException if it cannot be started
	 */
	static ChildProcess startInBackground(ProcessWords words, ChildEnvironment environment, Path output,
			boolean lowestPriority) throws IOException {
		List<byte[]> variables = environment.entries();
		return start(() -> PosixSpawn.startInBackground(words, variables, output, lowestPriority));
	}

	@FunctionalInterface
	private interface Spawn {

		int start() throws IOException;

	}

	private static ChildProcess start(Spawn spawn) throws IOException {
		ChildProcess process = new ChildProcess();
		// Everything that may fail comes before the process exists
		process.reaper.start();
		WAITED_FOR.add(process);
		int pid = NONE;
		try {
			pid = spawn.start();
		}
		finally {
			process.pid = pid;
			LockSupport.unpark(process.reaper);
		}
		return process;
	}

	/**
	 * Return whether this class started a process and has not collected its exit code.
	 * Any process may be one that is starting.
	 */
	static boolean isWaitedFor(int pid) {
		return WAITED_FOR.stream().anyMatch((process) -> process.pid == pid || process.pid == 0);
	}

	private void reap() {
		while (this.pid == 0) {
			LockSupport.park(this);
		}
		if (this.pid != NONE) {
			this.end.untilEnded(this.pid);
			takeExitCode();
			this.exit.complete(this);
		}
		WAITED_FOR.remove(this);
	}

	private synchronized void takeExitCode() {
		this.exitCode = this.end.exitCode(this.pid);
		this.ended = true;
		notifyAll();
	}

	@Override
	public long pid() {
		return this.pid;
	}

	@Override
	public synchronized boolean isAlive() {
		return !this.ended;
	}

	@Override
	public synchronized int exitValue() {
		if (!this.ended) {
			throw new IllegalThreadStateException("The process has not ended");
		}
		return this.exitCode;
	}

	@Override
	public synchronized int waitFor() throws InterruptedException {
		while (!this.ended) {
			wait();
		}
		return this.exitCode;
	}

	@Override
	public CompletableFuture<Process> onExit() {
		return this.exit.copy();
	}

	@Override
	public void destroy() {
		signal(SIGTERM);
	}

	@Override
	public Process destroyForcibly() {
		signal(SIGKILL);
		return this;
	}

	/**
	 * The process id is not reused until its exit code is collected.
	 */
	private synchronized void signal(int signal) {
		if (!this.ended) {
			PosixSpawn.kill(this.pid, signal);
		}
	}

	@Override
	public ProcessHandle toHandle() {
		return ProcessHandle.of(this.pid).orElseThrow();
	}

	@Override
	public OutputStream getOutputStream() {
		return OutputStream.nullOutputStream();
	}

	@Override
	public InputStream getInputStream() {
		return InputStream.nullInputStream();
	}

	@Override
	public InputStream getErrorStream() {
		return InputStream.nullInputStream();
	}

}
