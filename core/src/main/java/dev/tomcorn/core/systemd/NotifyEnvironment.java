package dev.tomcorn.core.systemd;

import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The settings of systemd's notify protocol in the environment.
 *
 * @param socket where to send notifications
 * @param watchdog the interval of the watchdog, or {@code null} if there is none
 */
record NotifyEnvironment(String socket, @Nullable Duration watchdog) {

	/**
	 * Read the environment.
	 * @param environment environment variables of the process
	 * @param pid its process id
	 * @return the settings, {@code null} if systemd expects no notification
	 */
	static @Nullable NotifyEnvironment of(Map<String, String> environment, long pid) {
		String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
		return socket.isEmpty() ? null : new NotifyEnvironment(socket, watchdog(environment, pid));
	}

	private static @Nullable Duration watchdog(Map<String, String> environment, long pid) {
		String forPid = environment.getOrDefault("WATCHDOG_PID", "");
		if (!forPid.isEmpty() && !forPid.equals(Long.toString(pid))) {
			return null;
		}
		try {
			long micros = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
			return (micros > 0) ? Duration.ofNanos(Math.multiplyExact(micros, 1000L)) : null;
		}
		catch (NumberFormatException | ArithmeticException ex) {
			return null;
		}
	}

}
