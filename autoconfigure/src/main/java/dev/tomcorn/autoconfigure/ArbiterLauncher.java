package dev.tomcorn.autoconfigure;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.Supervision;
import dev.tomcorn.core.arbiter.Command.Level;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.process.WorkerCommand;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/**
 * Makes this JVM the arbiter: opens the listening socket and supervises the workers.
 */
final class ArbiterLauncher {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.arbiter");

	private static final int MEGABYTE = 1024 * 1024;

	private final Environment environment;

	private final TomcornSettings settings;

	private final List<String> arguments;

	ArbiterLauncher(Environment environment, List<String> arguments) {
		this.environment = environment;
		this.settings = TomcornSettings.of(environment);
		this.arguments = arguments;
	}

	/**
	 * Supervise until told to end.
	 * @return the exit code of this process
	 */
	int run() {
		ListeningSocket socket = listen();
		WorkerCommand command = WorkerCommand.ofThisJvm(this.arguments);
		command = command.withWorkerOptions(workerOptions(command));
		if (!command.options().left().isEmpty()) {
			logger.warn("Not passed to the workers, because two JVMs cannot share them: " + command.options().left()
					+ " ({worker} in an option stands for the worker's index)");
		}
		logger.info("Arbiter (pid %d) listening on %s with %d %s worker(s)".formatted(ProcessHandle.current().pid(),
				text(socket.localAddress()), this.settings.workers(), this.settings.workerClass()));
		return Supervision.run(this.settings.arbiter(), command, this.settings.runDirectory(), this::log);
	}

	private static String text(InetSocketAddress address) {
		return address.getAddress().isAnyLocalAddress() ? "port " + address.getPort()
				: address.getAddress().getHostAddress() + " port " + address.getPort();
	}

	private ListeningSocket listen() {
		Binder binder = Binder.get(this.environment);
		return ListeningSocket.open(binder.bind("server.address", InetAddress.class).orElse(null),
				binder.bind("server.port", Integer.class).orElse(8080), this.settings.backlog(),
				this.settings.reusePort());
	}

	private List<String> workerOptions(WorkerCommand command) {
		List<String> options = new ArrayList<>();
		options.add("--enable-native-access=ALL-UNNAMED");
		if (ClassUtils.isPresent("org.springframework.boot.devtools.restart.Restarter", null)) {
			options.add("-Dspring.devtools.restart.enabled=false");
		}
		if (!command.options().setHeapSize()) {
			// What one JVM would take, which a percentage of the user's may have sized
			long share = Runtime.getRuntime().maxMemory() / this.settings.workers() / MEGABYTE;
			options.add("-Xmx" + Math.max(share, 1) + "m");
			logger.info("Each worker gets a heap of %d MB, its share of what one JVM would take".formatted(share));
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
