package dev.tomcorn.core.arbiter;

import java.util.Map;

/**
 * How a process ended, as the parent sees it.
 *
 * @param code the exit code; 128 + n also stands for a death by signal n, as shells count
 */
public record ExitStatus(int code) {

	private static final int SIGNAL_BASE = 128;

	private static final Map<Integer, String> SIGNALS = Map.ofEntries(Map.entry(1, "SIGHUP"), Map.entry(2, "SIGINT"),
			Map.entry(3, "SIGQUIT"), Map.entry(4, "SIGILL"), Map.entry(6, "SIGABRT"), Map.entry(7, "SIGBUS"),
			Map.entry(8, "SIGFPE"), Map.entry(9, "SIGKILL"), Map.entry(11, "SIGSEGV"), Map.entry(13, "SIGPIPE"),
			Map.entry(15, "SIGTERM"));

	@Override
	public String toString() {
		String signal = SIGNALS.get(this.code - SIGNAL_BASE);
		return (signal != null) ? "exit code " + this.code + " (" + signal + ")" : "exit code " + this.code;
	}

}
