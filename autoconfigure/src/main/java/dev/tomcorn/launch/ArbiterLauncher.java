package dev.tomcorn.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.sun.management.OperatingSystemMXBean;
import dev.tomcorn.core.Supervision;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.listener.ListeningSockets;
import dev.tomcorn.core.process.CommandWord;
import dev.tomcorn.core.process.EarlySignals;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.HeapShare;
import dev.tomcorn.core.process.LaunchPlan;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.SecondCompiler;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.process.WorkerLauncher;
import dev.tomcorn.core.process.WorkerShare;
import dev.tomcorn.core.scoreboard.ListenerTable;
import dev.tomcorn.settings.BindSettings;
import dev.tomcorn.settings.InvalidSettingException;
import dev.tomcorn.settings.TomcornSettings;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;

/**
 * Makes this JVM the arbiter: opens the listening socket and supervises the workers.
 */
final class ArbiterLauncher {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private final ConfigurableEnvironment environment;

	private ArbiterOnlySettings arbiterOnly;

	private final TomcornSettings settings;

	private final List<String> arguments;

	/**
	 * Debug agents. The launch has already reported them.
	 */
	private static final Predicate<String> DEBUGGER = Pattern
		.compile("-agentlib:jdwp.*|-Xrunjdwp.*|-Xdebug", Pattern.DOTALL)
		.asMatchPredicate();

	private final @Nullable Class<?> mainClass;

	private final @Nullable Predecessor predecessor;

	private final @Nullable EarlySignals early;

	/**
	 * Prepare to supervise.
	 * @param environment the application's environment
	 * @param arguments the application's arguments
	 * @param mainClass the application's main class, if it is known
	 * @param predecessor the arbiter that this one replaces, if any
	 * @param early signals that arrived before, if they were kept
	 */
	ArbiterLauncher(ConfigurableEnvironment environment, List<String> arguments, @Nullable Class<?> mainClass,
			@Nullable Predecessor predecessor, @Nullable EarlySignals early) {
		this.environment = environment;
		this.arbiterOnly = ArbiterOnlySettings.draw(environment);
		this.settings = TomcornSettings.of(environment);
		this.arguments = arguments;
		this.mainClass = mainClass;
		this.predecessor = predecessor;
		this.early = early;
	}

	/**
	 * Supervise until the arbiter is told to end.
	 * @param fileWriters Boot's listeners that write files; the arbiter writes these
	 * files instead
	 * @return the exit code of this process
	 */
	int run(FileWriters fileWriters) {
		requireDirectory();
		if (this.settings.deferSecondCompiler()) {
			// Until its limit: the fleet boots meanwhile
			SecondCompiler.hold();
		}
		WorkerLauncher.prepare();
		// Closing also removes socket files after a failure before supervision begins
		try (ListeningSockets sockets = listen()) {
			return run(fileWriters, sockets);
		}
	}

	private int run(FileWriters fileWriters, ListeningSockets sockets) {
		ListeningSocket management = ManagementPort.listen(this.environment, this.predecessor, this::keepRandomPort);
		LaunchPlan plan = LaunchPlan.ofThisJvm(this.arguments, this.settings.directory(), this.settings.jvmOptions());
		HeapShare heap = heap(plan);
		List<String> chosen = chosenOptions(plan, heap);
		plan = plan.withWorkerOptions(workerOptions(plan, chosen));
		List<String> left = plan.options().left().stream().filter((option) -> !DEBUGGER.test(option)).toList();
		if (!left.isEmpty()) {
			logger.warn("Not passed to the workers, because two JVMs cannot share them: " + left
					+ ". To give each worker its own, write tomcorn.jvm-options, with a port such as {worker+9000}");
		}
		if (!plan.permitsNativeAccess()) {
			logger.info("The JVM warns about native access, which the arbiter needs and which is harmless. To stop the "
					+ "warning, start it with --enable-native-access=ALL-UNNAMED, or put Enable-Native-Access: "
					+ "ALL-UNNAMED into the manifest of its jar");
		}
		plan = plan.withEnvironment(environment());
		String announcement = "Arbiter (pid %d) listening on %s with %d %s worker(s)%s".formatted(
				ProcessHandle.current().pid(), text(sockets), this.settings.workers(), this.settings.workerClass(),
				(management != null) ? ", management on " + ListeningSockets.describe(management.address()) : "");
		FleetIdentity identity = FleetIdentity
			.of(this.environment.getProperty("spring.application.name"),
					plan.application().stream().map(CommandWord::text).toList(),
					(this.mainClass != null) ? this.mainClass.getName() : null, plan.directory().name(), sockets.port(),
					(management != null) ? management.localAddress().getPort() : 0)
			.workerClass(this.settings.workerClass())
			.workerOptions(Stream.concat(heap.options(this.settings.arbiter()).stream(), chosen.stream()).toList());
		FleetFiles files = fileWriters.files(this.environment, (sockets.port() != 0) ? sockets.port() : -1,
				(management != null) ? management.localAddress().getPort() : null);
		try (files) {
			if (this.predecessor == null) {
				files.write();
			}
			return new Supervision(identity, this.settings.arbiter(), this.settings.firstWorkerAlone(), sockets,
					management, plan, heap, this.settings.preload(), this.settings.incidents(),
					this.settings.problems(), this.settings.runDirectory(), this.predecessor, this.early,
					this.settings.pauseOnWinch(), announcement, listeners(files), files::takeOver, this::log)
				.run();
		}
		catch (UncheckedIOException ex) {
			throw new InvalidSettingException("tomcorn.run-directory",
					Objects.toString(this.settings.runDirectory(), "not set"),
					"a directory with a short path in which this user can create others (%s)".formatted(ex.getCause()));
		}
	}

	private Map<String, String> environment() {
		Map<String, String> environment = new HashMap<>(this.arbiterOnly.toEnvironment());
		environment.putAll(SecondCompiler.toEnvironment(this.settings.deferSecondCompiler()));
		return environment;
	}

	private static List<FleetListener> listeners(FleetFiles files) {
		List<FleetListener> listeners = new ArrayList<>(
				SpringFactoriesLoader.forDefaultResourceLocation().load(FleetListener.class));
		listeners.addFirst(new ArbiterWarmUp());
		if (!files.isEmpty()) {
			listeners.addFirst(files);
		}
		return listeners;
	}

	private void requireDirectory() {
		Path directory = this.settings.directory();
		if (directory != null && !Files.isDirectory(directory)) {
			throw new InvalidSettingException("tomcorn.directory", directory.toString(), "a directory that exists");
		}
	}

	private static String text(ListeningSockets sockets) {
		return sockets.all()
			.stream()
			.map((socket) -> ListeningSockets.describe(socket.address()))
			.collect(Collectors.joining(", "));
	}

	private ListeningSockets listen() {
		if (this.predecessor != null) {
			return takeOver(this.predecessor);
		}
		requireStandardInput();
		if (!this.settings.bind().isEmpty()) {
			String unused = BindSettings.unused(this.environment);
			if (unused != null) {
				logger.info(unused);
			}
			return ListeningSockets.open(this.settings.bind(), this.settings.backlog(), this.settings.reusePort());
		}
		Binder binder = Binder.get(this.environment);
		return ListeningSockets.of(ListeningSocket.open(binder.bind("server.address", InetAddress.class).orElse(null),
				binder.bind("server.port", Integer.class).orElse(8080), this.settings.backlog(),
				this.settings.reusePort()));
	}

	private ListeningSockets takeOver(Predecessor predecessor) {
		try {
			List<ListenerTable.Listener> before = listenersOf(predecessor);
			ListeningSockets sockets = ListeningSockets.inherit(this.settings.backlog(),
					before.stream()
						.map((listener) -> new ListeningSocket.Origin(listener.foreign(), listener.fileKey()))
						.toList(),
					WorkerIdentity.listenerSockets(predecessor.runDirectory(), before.size()));
			if (this.settings.bind().isEmpty() && sockets.all().size() == 1
					&& sockets.all().getFirst().address() instanceof InetSocketAddress address) {
				keepRandomPort("server", address);
				warnOfOtherPort(address);
			}
			else if (!BindSettings.isServedBy(this.settings.bind(),
					sockets.all().stream().map(ListeningSocket::address).toList())) {
				logger.warn("Listening on %s like the previous arbiter: a change of tomcorn.bind needs a restart"
					.formatted(text(sockets)));
			}
			return sockets;
		}
		catch (IOException ex) {
			throw new IllegalStateException(
					"Cannot take over the listening sockets of the previous arbiter: " + ex.getMessage(), ex);
		}
	}

	private static List<ListenerTable.Listener> listenersOf(Predecessor predecessor) throws IOException {
		try {
			return ListenerTable.open(WorkerIdentity.listeners(predecessor.runDirectory()), predecessor.pid())
				.listeners();
		}
		catch (NoSuchFileException ex) {
			// An arbiter of an older version has opened one port and writes no table
			return List.of(new ListenerTable.Listener("", false, ""));
		}
	}

	/**
	 * Keep the random port that the previous arbiter has drawn, along with its socket.
	 */
	private void keepRandomPort(String prefix, InetSocketAddress inherited) {
		this.arbiterOnly = this.arbiterOnly
			.with(prefix + ".port", Integer.toString(inherited.getPort()), this.environment)
			.with(prefix + ".address", inherited.getAddress().getHostAddress(), this.environment);
	}

	private void warnOfOtherPort(InetSocketAddress inherited) {
		Binder binder = Binder.get(this.environment);
		int port = binder.bind("server.port", Integer.class).orElse(8080);
		InetAddress address = binder.bind("server.address", InetAddress.class).orElse(null);
		if (ManagementPort.differs(inherited, address, port)) {
			logger.warn(
					"Listening on %s like the previous arbiter: a change of server.port or server.address needs a restart"
						.formatted(ListeningSockets.describe(inherited)));
		}
	}

	/**
	 * If standard input is closed, the JVM may have opened a file of its own as
	 * descriptor 0.
	 */
	private static void requireStandardInput() {
		try {
			Path file = Files.readSymbolicLink(Path.of("/proc/self/fd/0"));
			if (file.startsWith(System.getProperty("java.home")) || file.toString().endsWith(".jar")) {
				throw new SupervisionUnavailableException(
						"Standard input is closed, so that the JVM uses its descriptor for %s.".formatted(file),
						"Start the application with standard input from /dev/null: java -jar app.jar </dev/null");
			}
		}
		catch (IOException ex) {
			// Descriptor 0 is closed and not in use
		}
	}

	private List<String> workerOptions(LaunchPlan plan, List<String> chosen) {
		List<String> options = new ArrayList<>(chosen);
		if (plan.needsNativeAccessOption()) {
			options.add("--enable-native-access=ALL-UNNAMED");
		}
		if (!plan.options().handleOutOfMemory()) {
			// A replacement works better than a worker that has run out of memory
			options.add("-XX:+ExitOnOutOfMemoryError");
		}
		if (ClassUtils.isPresent("org.springframework.boot.devtools.restart.Restarter", null)) {
			options.add("-Dspring.devtools.restart.enabled=false");
		}
		return options;
	}

	private HeapShare heap(LaunchPlan plan) {
		if (plan.options().setHeapSize()) {
			return new HeapShare(0);
		}
		// The heap that one JVM would take; the user may have set it as a percentage
		return new HeapShare(Runtime.getRuntime().maxMemory());
	}

	private List<String> chosenOptions(LaunchPlan plan, HeapShare heap) {
		// The container's limit, if it has one
		long memory = (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system)
				? system.getTotalMemorySize() : Long.MAX_VALUE;
		WorkerShare share = WorkerShare.of(this.settings.arbiter(), plan.options(), memory);
		List<String> options = share.options(plan.options());
		String forItsShare = options.isEmpty() ? ""
				: "for its share of %s: %s".formatted(share, String.join(" ", options));
		if (heap.bytes() != 0) {
			logger.info("Each worker gets a heap of %d MB, its share of what one JVM would take%s"
				.formatted(heap.megabytes(this.settings.arbiter()), options.isEmpty() ? "" : ", and " + forItsShare));
		}
		else if (!options.isEmpty()) {
			logger.info("Each worker gets, " + forItsShare);
		}
		return options;
	}

	private void log(Level level, String message) {
		switch (level) {
			case INFO -> logger.info(message);
			case WARN -> logger.warn(message);
			case ERROR -> logger.error(message);
		}
	}

}
