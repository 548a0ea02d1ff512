package dev.tomcorn.autoconfigure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import dev.tomcorn.core.Supervision;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.arbiter.FleetListener;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.process.HeapShare;
import dev.tomcorn.core.process.Predecessor;
import dev.tomcorn.core.process.WorkerCommand;
import dev.tomcorn.core.signal.EarlySignals;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;

/**
 * Makes this JVM the arbiter: opens the listening socket and supervises the workers.
 */
final class ArbiterLauncher {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private final Environment environment;

	private final TomcornSettings settings;

	private final List<String> arguments;

	private final @Nullable Predecessor predecessor;

	private final @Nullable EarlySignals early;

	/**
	 * Prepare to supervise.
	 * @param environment the application's environment
	 * @param arguments the application's arguments
	 * @param predecessor the arbiter that this one replaces, if any
	 * @param early signals that have come already, if they were kept
	 */
	ArbiterLauncher(Environment environment, List<String> arguments, @Nullable Predecessor predecessor,
			@Nullable EarlySignals early) {
		this.environment = environment;
		this.settings = TomcornSettings.of(environment);
		this.arguments = arguments;
		this.predecessor = predecessor;
		this.early = early;
	}

	/**
	 * Supervise until told to end.
	 * @return the exit code of this process
	 */
	int run() {
		ListeningSocket socket = listen();
		ListeningSocket management = ManagementPort.listen(this.environment, this.predecessor);
		WorkerCommand command = WorkerCommand.ofThisJvm(this.arguments);
		command = command.withWorkerOptions(workerOptions(command));
		if (!command.options().left().isEmpty()) {
			logger.warn("Not passed to the workers, because two JVMs cannot share them: " + command.options().left()
					+ " ({worker} in an option stands for the worker's index)");
		}
		command = command.withEnvironment(ArbiterOnlySettings.of(this.environment).toEnvironment());
		HeapShare heap = heap(command);
		String announcement = "Arbiter (pid %d) listening on %s with %d %s worker(s)%s".formatted(
				ProcessHandle.current().pid(), text(socket.localAddress()), this.settings.workers(),
				this.settings.workerClass(),
				(management != null) ? ", management on " + text(management.localAddress()) : "");
		ArbiterClasses.load();
		try {
			return new Supervision(this.settings.arbiter(), socket, management, command, heap,
					this.settings.incidents(), this.settings.runDirectory(), this.predecessor, this.early,
					this.settings.pauseOnWinch(), announcement,
					SpringFactoriesLoader.forDefaultResourceLocation().load(FleetListener.class), this::log)
				.run();
		}
		catch (UncheckedIOException ex) {
			throw new InvalidSettingException("tomcorn.run-directory",
					Objects.toString(this.settings.runDirectory(), "not set"),
					"a directory with a short path in which this user can create others (%s)".formatted(ex.getCause()));
		}
	}

	private static String text(InetSocketAddress address) {
		return address.getAddress().isAnyLocalAddress() ? "port " + address.getPort()
				: address.getAddress().getHostAddress() + " port " + address.getPort();
	}

	private ListeningSocket listen() {
		if (this.predecessor != null) {
			try {
				ListeningSocket socket = ListeningSocket.inherit(this.settings.backlog());
				warnOfOtherPort(socket.localAddress());
				return socket;
			}
			catch (IOException ex) {
				throw new IllegalStateException("Cannot take over the listening socket of the arbiter before", ex);
			}
		}
		requireStandardInput();
		Binder binder = Binder.get(this.environment);
		return ListeningSocket.open(binder.bind("server.address", InetAddress.class).orElse(null),
				binder.bind("server.port", Integer.class).orElse(8080), this.settings.backlog(),
				this.settings.reusePort());
	}

	private void warnOfOtherPort(InetSocketAddress inherited) {
		Binder binder = Binder.get(this.environment);
		int port = binder.bind("server.port", Integer.class).orElse(8080);
		InetAddress address = binder.bind("server.address", InetAddress.class).orElse(null);
		if (ManagementPort.differs(inherited, address, port)) {
			logger.warn("Listening on %s as the arbiter before: server.port and server.address take a restart"
				.formatted(text(inherited)));
		}
	}

	/**
	 * With standard input closed, the JVM has opened a file of its own as descriptor 0.
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
			// Closed, and the JVM does not use it either
		}
	}

	private List<String> workerOptions(WorkerCommand command) {
		List<String> options = new ArrayList<>();
		if (command.needsNativeAccessOption()) {
			options.add("--enable-native-access=ALL-UNNAMED");
		}
		if (!command.options().handleOutOfMemory()) {
			// A worker without memory limps; its replacement does not
			options.add("-XX:+ExitOnOutOfMemoryError");
		}
		if (ClassUtils.isPresent("org.springframework.boot.devtools.restart.Restarter", null)) {
			options.add("-Dspring.devtools.restart.enabled=false");
		}
		return options;
	}

	private HeapShare heap(WorkerCommand command) {
		if (command.options().setHeapSize()) {
			return new HeapShare(0);
		}
		// What one JVM would take, which a percentage of the user's may have sized
		HeapShare heap = new HeapShare(Runtime.getRuntime().maxMemory());
		logger.info("Each worker gets a heap of %d MB, its share of what one JVM would take"
			.formatted(heap.megabytes(this.settings.arbiter())));
		return heap;
	}

	private void log(Level level, String message) {
		switch (level) {
			case INFO -> logger.info(message);
			case WARN -> logger.warn(message);
			case ERROR -> logger.error(message);
		}
	}

}
