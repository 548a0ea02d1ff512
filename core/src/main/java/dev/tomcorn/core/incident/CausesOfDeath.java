package dev.tomcorn.core.incident;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.ExitCause;
import org.jspecify.annotations.Nullable;

/**
 * Finds the cause of a worker's death from its exit code, the file that a crashed JVM
 * leaves, and the kernel's count of out-of-memory kills. Safe from any thread; reads a
 * few small files and never throws.
 */
public final class CausesOfDeath {

	/**
	 * Exit code of a JVM under {@code -XX:+ExitOnOutOfMemoryError}.
	 */
	private static final int OUT_OF_HEAP = 3;

	private static final int SIGNAL_BASE = 128;

	private static final int MAX_SIGNAL = 64;

	private static final int SIGKILL = 9;

	private static final Map<Integer, String> SIGNALS = Map.ofEntries(Map.entry(1, "SIGHUP"), Map.entry(2, "SIGINT"),
			Map.entry(3, "SIGQUIT"), Map.entry(4, "SIGILL"), Map.entry(5, "SIGTRAP"), Map.entry(6, "SIGABRT"),
			Map.entry(7, "SIGBUS"), Map.entry(8, "SIGFPE"), Map.entry(SIGKILL, "SIGKILL"), Map.entry(10, "SIGUSR1"),
			Map.entry(11, "SIGSEGV"), Map.entry(12, "SIGUSR2"), Map.entry(13, "SIGPIPE"), Map.entry(14, "SIGALRM"),
			Map.entry(15, "SIGTERM"), Map.entry(24, "SIGXCPU"), Map.entry(25, "SIGXFSZ"), Map.entry(31, "SIGSYS"));

	private static final Set<Integer> FAULTS = Set.of(4, 5, 6, 7, 8, 11, 31);

	/**
	 * How long a counted kill may belong to a death that is not reported yet: a large
	 * process takes time to exit.
	 */
	private static final Duration CLAIM = Duration.ofSeconds(30);

	private final OutOfMemoryKills kills;

	private final CrashLogs crashLogs;

	private final ApplicationFrames frames;

	private final LongSupplier nanoTime;

	private long counted;

	private long unclaimed;

	private long unclaimedSince;

	/**
	 * Create the causes of death.
	 * @param kills the kernel's kills
	 * @param crashLogs the files of crashed JVMs
	 * @param frames finds the application's frames
	 * @param nanoTime ticks in nanoseconds
	 */
	CausesOfDeath(OutOfMemoryKills kills, CrashLogs crashLogs, ApplicationFrames frames, LongSupplier nanoTime) {
		this.kills = kills;
		this.crashLogs = crashLogs;
		this.frames = frames;
		this.nanoTime = nanoTime;
		this.counted = kills.count();
	}

	/**
	 * Return the causes of death on this machine. Earlier kills of the kernel do not
	 * count.
	 * @param frames finds the application's frames
	 * @return the causes of death
	 */
	public static CausesOfDeath ofThisMachine(ApplicationFrames frames) {
		return new CausesOfDeath(new OutOfMemoryKills(Path.of("/")), CrashLogs.ofThisProcess(), frames,
				System::nanoTime);
	}

	/**
	 * Evidence that a worker has left before its end.
	 *
	 * @param exitCaller the code that ended it, or empty
	 * @param fullMemory the memory other than the heap that was nearly full, or empty
	 */
	public record ExitEvidence(String exitCaller, String fullMemory) {

		/**
		 * No evidence.
		 */
		public static final ExitEvidence NONE = new ExitEvidence("", "");

	}

	/**
	 * Read the kernel's count. Called about every second, so that the kill of another
	 * process is not taken for the cause of a much later death.
	 */
	public synchronized void observe() {
		long now = this.nanoTime.getAsLong();
		if (this.unclaimed > 0 && now - this.unclaimedSince > CLAIM.toNanos()) {
			this.unclaimed = 0;
		}
		long count = this.kills.count();
		if (count > this.counted) {
			this.unclaimed += (this.counted >= 0) ? count - this.counted : 0;
			this.unclaimedSince = now;
		}
		this.counted = Math.max(this.counted, count);
	}

	/**
	 * Return the cause of a worker's death.
	 * @param exitCode its exit code as Java reports it: 128 + n for a death by signal n
	 * @param pid its process id
	 * @param orderly whether it had begun to drain
	 * @param sentByArbiter whether the arbiter had sent it a signal that ends it
	 * @param words its evidence
	 * @return the cause and its description
	 */
	public Death of(int exitCode, long pid, boolean orderly, boolean sentByArbiter, ExitEvidence words) {
		observe();
		int signal = exitCode - SIGNAL_BASE;
		boolean signalled = signal > 0 && signal <= MAX_SIGNAL;
		boolean fault = signalled && FAULTS.contains(signal);
		Path crashLog = (fault || (!orderly && !signalled && exitCode != 0)) ? this.crashLogs.of(pid) : null;
		if (fault || crashLog != null) {
			return crash(exitCode, fault ? name(signal) : null, crashLog);
		}
		if (exitCode == OUT_OF_HEAP && !orderly) {
			// The JVM prints only to standard output which of them it was
			return new Death(ExitCause.OUT_OF_HEAP, "out of memory: %s (exit code 3)"
				.formatted(words.fullMemory().isEmpty() ? "Java heap space" : words.fullMemory()));
		}
		if (!signalled) {
			return new Death(ExitCause.EXIT,
					"exit code " + exitCode + (words.exitCaller().isEmpty() ? "" : " by " + words.exitCaller()));
		}
		if (signal == SIGKILL && !sentByArbiter && claim()) {
			return new Death(ExitCause.KERNEL_OUT_OF_MEMORY,
					"killed by the kernel for want of memory (" + this.kills.scope() + ")");
		}
		return new Death(ExitCause.SIGNAL,
				"signal " + name(signal) + (sentByArbiter ? ", sent by the arbiter" : ", not sent by the arbiter"));
	}

	private synchronized boolean claim() {
		if (this.unclaimed == 0) {
			return false;
		}
		this.unclaimed--;
		return true;
	}

	private Death crash(int exitCode, @Nullable String signal, @Nullable Path crashLog) {
		String code = (signal != null) ? signal : "exit code " + exitCode;
		if (crashLog == null) {
			return new Death(ExitCause.CRASH, "crash (" + code + "), no hs_err file found");
		}
		String header = CrashLogs.header(crashLog);
		String see = " (" + code + "), see " + crashLog;
		if (header.contains("OutOfMemory encountered")) {
			// -XX:+CrashOnOutOfMemoryError
			return new Death(ExitCause.OUT_OF_HEAP,
					"out of memory: " + (header.contains("Metaspace") ? "Metaspace" : "Java heap space") + see);
		}
		Optional<String> headline = CrashLogs.headline(header);
		String frame = CrashLogs.firstFrame(crashLog, this.frames);
		return new Death(ExitCause.CRASH, "crash" + headline.map((line) -> ": " + line).orElse("")
				+ (frame.isEmpty() ? "" : " in " + frame) + see);
	}

	private static String name(int signal) {
		return SIGNALS.getOrDefault(signal, Integer.toString(signal));
	}

}
