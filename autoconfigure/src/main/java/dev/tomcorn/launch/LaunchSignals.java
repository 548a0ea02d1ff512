package dev.tomcorn.launch;

import dev.tomcorn.core.listener.SharedListener;
import dev.tomcorn.core.process.EarlySignals;
import dev.tomcorn.core.process.OperatingSystemSignals;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerSignals;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NativeDetector;

/**
 * Deals with signals from the first moment on, before it is known what this JVM is to be.
 * A worker leaves them to its arbiter. What may become an arbiter keeps them; others are
 * to notice nothing of that.
 */
final class LaunchSignals {

	private final @Nullable EarlySignals kept;

	private LaunchSignals(@Nullable EarlySignals kept) {
		this.kept = kept;
	}

	/**
	 * Begin.
	 * @return what has begun
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
	 * Only there runs one application after the other, so that each gives back what it
	 * was given.
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
	 * Give back what is kept: this JVM is no arbiter.
	 */
	void release() {
		if (this.kept != null) {
			this.kept.release();
		}
	}

}
