package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import dev.tomcorn.core.scoreboard.FleetLocks;
import org.jspecify.annotations.Nullable;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willCallRealMethod;
import static org.mockito.Mockito.mock;

/**
 * The locks of a fleet whose workers are in one JVM. Kernel locks belong to processes.
 */
public final class TestLocks {

	private final Map<String, List<Object>> holders = new HashMap<>();

	/**
	 * Return the locks of a process.
	 * @param process stands for the process
	 */
	public FleetLocks of(Object process) {
		FleetLocks locks = mock(FleetLocks.class);
		try {
			willAnswer((call) -> lock(process, call.getArgument(0), false)).given(locks).tryShare(anyString());
			willAnswer((call) -> lock(process, call.getArgument(0), true)).given(locks).tryAlone(anyString());
			willCallRealMethod().given(locks).awaitShare(anyString(), any());
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return locks;
	}

	/**
	 * Release the locks of a process, as the kernel does at its end.
	 * @param process stands for the process
	 */
	public synchronized void end(Object process) {
		this.holders.values()
			.forEach((processes) -> processes.removeIf((holder) -> holder.equals(process)
					|| (holder instanceof Alone alone && alone.process().equals(process))));
	}

	private synchronized @Nullable FileLock lock(Object process, String name, boolean alone) throws IOException {
		List<Object> processes = this.holders.computeIfAbsent(name, (_) -> new ArrayList<>());
		if (processes.stream().anyMatch((holder) -> alone || holder instanceof Alone)) {
			return null;
		}
		Object holder = alone ? new Alone(process) : process;
		processes.add(holder);
		FileLock lock = mock(FileLock.class);
		willAnswer((_) -> release(processes, holder)).given(lock).release();
		return lock;
	}

	private synchronized @Nullable Object release(List<Object> processes, Object holder) {
		processes.remove(holder);
		return null;
	}

	/**
	 * The owner of an exclusive lock.
	 *
	 * @param process stands for the process
	 */
	private record Alone(Object process) {
	}

}
