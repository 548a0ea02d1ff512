package dev.tomcorn.core.systemd;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.ArbiterLog;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.PrintableText;
import dev.tomcorn.core.arbiter.ServiceManager;
import dev.tomcorn.core.arbiter.ServiceState;
import dev.tomcorn.core.arbiter.ServiceState.ReloadId;
import dev.tomcorn.core.arbiter.ServiceState.Stage;
import dev.tomcorn.core.listener.NotificationSocket;
import org.jspecify.annotations.Nullable;

/**
 * Notifies systemd of the state of the fleet by {@code sd_notify}. A message that could
 * not be sent is sent at the next turn with the state of then. Used by the arbiter's
 * thread only.
 */
public final class SystemdNotifier implements ServiceManager {

	/**
	 * Extension of a timeout that systemd grants at a time, short enough for an arbiter
	 * that hangs.
	 */
	private static final Duration EXTENSION = Duration.ofSeconds(15);

	private static final Duration EXTENSION_INTERVAL = Duration.ofSeconds(5);

	/**
	 * Time between the end of an operation and its notification.
	 */
	private static final Duration MARGIN = Duration.ofSeconds(2);

	/**
	 * Interval of repeated messages: those of an arbiter that has just replaced another
	 * may come before systemd accepts them.
	 */
	private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);

	/**
	 * How long the status shows a refused reload.
	 */
	private static final Duration REFUSAL_SHOWN = Duration.ofMinutes(1);

	/**
	 * Stands for a refused reload.
	 */
	private static final ReloadId NONE_BEGUN = new ReloadId(-1, 0);

	private static final int MAX_STATUS = 1000;

	private final Sender sender;

	private final @Nullable Duration watchdog;

	private final LongSupplier successor;

	private final LongSupplier nanoTime;

	private final Supplier<Duration> monotonicTime;

	private final ArbiterLog log;

	private final Interval statusInterval = new Interval();

	private final Interval watchdogInterval = new Interval();

	private final Interval extensionInterval = new Interval();

	private boolean ready;

	private boolean stopping;

	private boolean replaced;

	/**
	 * The reload whose begin was sent, {@code null} after its end was sent.
	 */
	private @Nullable ReloadId reloading;

	private String status = "";

	private @Nullable Refusal refusal;

	private boolean failed;

	/**
	 * Takes messages.
	 */
	@FunctionalInterface
	interface Sender {

		/**
		 * Send a message without waiting.
		 * @return whether there was room for it
		 * @throws IOException if there is no receiver
		 */
		boolean send(String message) throws IOException;

	}

	/**
	 * A refused reload.
	 *
	 * @param reason why
	 * @param told whether systemd knows
	 * @param at when it was requested
	 */
	private record Refusal(String reason, boolean told, long at) {
	}

	/**
	 * Create a notifier.
	 * @param sender takes messages
	 * @param watchdog the interval of the watchdog, or {@code null} if there is none
	 * @param successor tells the process id of the arbiter that has replaced this one, 0
	 * if there is none
	 * @param nanoTime the time, as {@link System#nanoTime()} has it
	 * @param monotonicTime the clock of systemd
	 * @param log reports that systemd does not accept messages
	 */
	SystemdNotifier(Sender sender, @Nullable Duration watchdog, LongSupplier successor, LongSupplier nanoTime,
			Supplier<Duration> monotonicTime, ArbiterLog log) {
		this.sender = sender;
		this.watchdog = watchdog;
		this.successor = successor;
		this.nanoTime = nanoTime;
		this.monotonicTime = monotonicTime;
		this.log = log;
	}

	/**
	 * Return the notifier, if systemd expects notifications.
	 * @param environment environment variables of this process
	 * @param successor tells the process id of the arbiter that has replaced this one, 0
	 * if there is none
	 * @param log told when systemd does not listen
	 * @return the notifier, or {@link ServiceManager#NONE}
	 */
	public static ServiceManager of(Map<String, String> environment, LongSupplier successor, ArbiterLog log) {
		NotifyEnvironment told = NotifyEnvironment.of(environment, ProcessHandle.current().pid());
		if (told == null || !System.getProperty("os.name").equals("Linux")) {
			return NONE;
		}
		try {
			NotificationSocket socket = NotificationSocket.to(told.socket());
			return new SystemdNotifier(socket::send, told.watchdog(), successor, System::nanoTime,
					NotificationSocket::monotonicTime, log);
		}
		catch (IOException | RuntimeException | LinkageError ex) {
			// Also if the JVM permits no native access
			log.log(Level.WARN, "systemd is not told how the application stands: " + ex.getMessage());
			return NONE;
		}
	}

	@Override
	public void turn(ServiceState state) {
		switch (state.stage()) {
			case REPLACING -> {
			}
			case REPLACED -> announceSuccessor();
			case STARTING, SERVING, STOPPING -> {
				// These messages must arrive separately and in this order
				if (becomesReady(state) && endsReload(state) && answersRefusal(state) && beginsReload(state)
						&& stops(state)) {
					repeat(state);
				}
			}
		}
	}

	@Override
	public void refused(String reason) {
		this.refusal = new Refusal(reason, false, this.nanoTime.getAsLong());
	}

	/**
	 * From then on systemd accepts messages of the successor only.
	 */
	private void announceSuccessor() {
		long pid = this.successor.getAsLong();
		if (!this.replaced && pid != 0) {
			this.replaced = send("MAINPID=" + pid);
		}
	}

	private boolean becomesReady(ServiceState state) {
		if (!this.ready && state.stage() == Stage.SERVING) {
			this.ready = tell("READY=1", state);
			return this.ready;
		}
		return true;
	}

	/**
	 * Also while the next one is under way: each reload needs its end.
	 */
	private boolean endsReload(ServiceState state) {
		if (this.reloading != null && !this.reloading.equals(state.reloading())) {
			if (!tell("READY=1", state)) {
				return false;
			}
			this.reloading = null;
		}
		return true;
	}

	/**
	 * Send an end for a refused reload, since {@code systemctl reload} waits for one.
	 */
	private boolean answersRefusal(ServiceState state) {
		Refusal current = this.refusal;
		if (current == null) {
			return true;
		}
		boolean over = this.nanoTime.getAsLong() - current.at() >= REFUSAL_SHOWN.toNanos();
		if (state.stage() != Stage.SERVING || state.reloading() != null || over) {
			this.refusal = null;
			return true;
		}
		if (current.told()) {
			return true;
		}
		if (!send(beginOfReload())) {
			return false;
		}
		this.refusal = new Refusal(current.reason(), true, current.at());
		// If it fails now, the next turn sends the end
		this.reloading = NONE_BEGUN;
		return endsReload(state);
	}

	private boolean beginsReload(ServiceState state) {
		if (state.stage() == Stage.SERVING && this.reloading == null && state.reloading() != null) {
			if (!tell(beginOfReload(), state)) {
				return false;
			}
			this.reloading = state.reloading();
		}
		return true;
	}

	/**
	 * systemd matches a reload with its own request if it began after that.
	 */
	private String beginOfReload() {
		return "RELOADING=1\nMONOTONIC_USEC=" + micros(this.monotonicTime.get());
	}

	private boolean stops(ServiceState state) {
		if (!this.stopping && state.stage() == Stage.STOPPING) {
			this.stopping = tell("STOPPING=1", state);
			return this.stopping;
		}
		return true;
	}

	private boolean tell(String news, ServiceState state) {
		String text = status(state);
		if (!send(news + "\nSTATUS=" + text)) {
			return false;
		}
		told(text);
		return true;
	}

	private void told(String text) {
		this.status = text;
		this.statusInterval.said(this.nanoTime.getAsLong());
	}

	private String status(ServiceState state) {
		Refusal current = this.refusal;
		String text = PrintableText
			.line((current != null) ? "%s; not reloading: %s".formatted(state.text(), current.reason()) : state.text());
		return (text.length() <= MAX_STATUS) ? text : text.substring(0, MAX_STATUS - 1) + "…";
	}

	/**
	 * Send the repeated messages.
	 */
	private void repeat(ServiceState state) {
		long now = this.nanoTime.getAsLong();
		String text = status(state);
		boolean news = !text.equals(this.status) || this.statusInterval.isOver(now, STATUS_INTERVAL);
		boolean alive = this.watchdog != null && this.watchdogInterval.isOver(now, this.watchdog.dividedBy(2));
		Duration extension = extension(state);
		boolean longer = !extension.isZero() && this.extensionInterval.isOver(now, EXTENSION_INTERVAL);
		List<String> lines = new ArrayList<>();
		if (news) {
			lines.add("STATUS=" + text);
		}
		if (alive) {
			lines.add("WATCHDOG=1");
		}
		if (longer) {
			lines.add("EXTEND_TIMEOUT_USEC=" + micros(extension));
		}
		if (lines.isEmpty() || !send(String.join("\n", lines))) {
			return;
		}
		if (news) {
			told(text);
		}
		if (alive) {
			this.watchdogInterval.said(now);
		}
		if (longer) {
			this.extensionInterval.said(now);
		}
	}

	/**
	 * Return how long systemd should wait for a start, a reload or a stop under way,
	 * which it could otherwise take for a hang.
	 */
	private static Duration extension(ServiceState state) {
		Duration allowance = state.allowance();
		boolean waitedFor = state.stage() != Stage.SERVING || state.reloading() != null;
		if (!waitedFor || allowance.isZero()) {
			return Duration.ZERO;
		}
		Duration wanted = allowance.plus(MARGIN);
		return (wanted.compareTo(EXTENSION) < 0) ? wanted : EXTENSION;
	}

	private static long micros(Duration duration) {
		return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
	}

	private boolean send(String message) {
		try {
			return this.sender.send(message);
		}
		catch (IOException ex) {
			if (!this.failed) {
				this.failed = true;
				this.log.log(Level.WARN, "systemd does not hear how the application stands: " + ex.getMessage());
			}
			return false;
		}
	}

}
