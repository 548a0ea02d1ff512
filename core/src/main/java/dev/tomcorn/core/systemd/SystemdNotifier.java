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
 * Tells systemd how the fleet stands, in the words of {@code sd_notify}. What could not
 * be sent is sent at the next turn, as it stands then. Used by the arbiter's thread only.
 */
public final class SystemdNotifier implements ServiceManager {

	/**
	 * For this long systemd is asked to wait at a time: it must not wait for an arbiter
	 * that hangs.
	 */
	private static final Duration EXTENSION = Duration.ofSeconds(15);

	private static final Duration EXTENSION_INTERVAL = Duration.ofSeconds(5);

	/**
	 * Between the end of what is waited for and the news of it.
	 */
	private static final Duration MARGIN = Duration.ofSeconds(2);

	/**
	 * What an arbiter says that has just replaced another may come before systemd listens
	 * to it.
	 */
	private static final Duration STATUS_INTERVAL = Duration.ofSeconds(10);

	/**
	 * For how long the status says that a reload was not begun.
	 */
	private static final Duration REFUSAL_SHOWN = Duration.ofMinutes(1);

	/**
	 * Stands for a reload that is not begun.
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
	 * The reload whose begin was told, {@code null} if its end was told, too.
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
	 * A reload that was asked for and is not begun.
	 *
	 * @param reason why
	 * @param told whether systemd knows
	 * @param at when it was asked for
	 */
	private record Refusal(String reason, boolean told, long at) {
	}

	/**
	 * Create a notifier.
	 * @param sender takes messages
	 * @param watchdog the time within which systemd expects a sign of life, or
	 * {@code null} if it expects none
	 * @param successor tells the process id of the arbiter that has replaced this one, 0
	 * if there is none
	 * @param nanoTime the time, as {@link System#nanoTime()} has it
	 * @param monotonicTime the time, as systemd has it
	 * @param log told when systemd does not listen
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
	 * Return what tells systemd, if systemd wants to be told.
	 * @param environment environment variables of this process
	 * @param successor tells the process id of the arbiter that has replaced this one, 0
	 * if there is none
	 * @param log told when systemd does not listen
	 * @return what tells systemd, or {@link ServiceManager#NONE}
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
			// Also where the JVM permits no native access
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
				// What is told apart must arrive apart, and in this order
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
	 * From then on systemd listens to the successor only.
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
	 * Also when the next one is under way: each has its end.
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
	 * Who has asked systemd for a reload waits for its end, also where there is none.
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
		// Should it fail now, the next turn tells the end
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
	 * systemd takes a reload for the one that it has asked for if it began after that.
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
	 * Tell what is to be told again and again.
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
	 * Return for how long systemd is to wait, which it does while something is under way
	 * that it may take for a hang: a start, a reload, an end.
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
