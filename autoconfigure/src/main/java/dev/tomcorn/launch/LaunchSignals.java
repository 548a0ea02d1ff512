package dev.tomcorn.launch;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.EarlySignals;
import dev.tomcorn.core.process.OperatingSystemSignals;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerSignals;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NativeDetector;

/**
 * Handles signals before the role of this JVM is known. A worker leaves them to its
 * arbiter. A JVM that may become an arbiter keeps them. For any other JVM nothing
 * changes.
 */
final class LaunchSignals {

	private final @Nullable EarlySignals kept;

	private LaunchSignals(@Nullable EarlySignals kept) {
		this.kept = kept;
	}

	/**
	 * Begin to handle signals.
	 * @return the signals
	 */
	static LaunchSignals begin() {
		return new LaunchSignals(isPossible() ? beginWhereThereAreSignals() : null);
	}

	private static boolean isPossible() {
		return System.getProperty("os.name").equals("Linux") && !NativeDetector.inNativeImage()
				&& ModuleLayer.boot().findModule("jdk.unsupported").isPresent();
	}

	private static @Nullable EarlySignals beginWhereThereAreSignals() {
		long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(-1L);
		if (WorkerIdentity.fromEnvironment(System.getenv(), parent) == null) {
			return isMainThread() ? EarlySignals.keep() : null;
		}
		if (SharedListener.isInherited()) {
			OperatingSystemSignals.leaveToArbiter();
			WorkerSignals.unblock();
		}
		return null;
	}

	/**
	 * Only on the main thread do applications start one after the other, so that each
	 * restores the signal handlers it found.
	 */
	private static boolean isMainThread() {
		Thread thread = Thread.currentThread();
		ThreadGroup group = thread.getThreadGroup();
		return thread.getName().equals("main") && group != null && group.getName().equals("main");
	}

	/**
	 * Return the signals that are kept for an arbiter.
	 * @return the signals, or {@code null} if none are kept
	 */
	@Nullable EarlySignals kept() {
		return this.kept;
	}

	/**
	 * Release the kept signals, because this JVM is not an arbiter.
	 */
	void release() {
		if (this.kept != null) {
			this.kept.release();
		}
	}

}
