package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.warnings.WarningsAutoConfiguration;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.context.ConfigurableApplicationContext;

import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.anyString;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

/**
 * A worker of a fleet without an arbiter: it keeps the warnings for the arbiter, and
 * serves when the test calls it.
 */
public final class TestWorker {

	private final Map<String, String> warnings = new ConcurrentHashMap<>();

	private final AtomicReference<Runnable> startServing = new AtomicReference<>();

	private final WorkerProcess process = mock(WorkerProcess.class);

	private TestWorker(Scoreboard scoreboard) {
		given(this.process.isSupervised()).willReturn(true);
		given(this.process.scoreboard()).willReturn(scoreboard);
		willAnswer((call) -> this.warnings.putIfAbsent(call.getArgument(0), call.getArgument(1))).given(this.process)
			.warn(anyString(), anyString());
		willAnswer((call) -> {
			this.startServing.set(call.getArgument(0));
			return null;
		}).given(this.process).ready(any());
	}

	/**
	 * Return the scoreboard of a fleet.
	 * @param workers how many workers the fleet has
	 */
	public static Scoreboard fleet(int workers) {
		try {
			Path directory = Files.createTempDirectory("tomcorn-test");
			try {
				Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard"), workers, 1);
				scoreboard.publish(1, workers, 0);
				return scoreboard;
			}
			finally {
				Files.deleteIfExists(directory.resolve("scoreboard"));
				Files.delete(directory);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return a worker of a fleet.
	 * @param workers how many workers the fleet has
	 */
	public static TestWorker ofFleet(int workers) {
		return new TestWorker(fleet(workers));
	}

	/**
	 * Return a worker of the fleet that has a scoreboard.
	 */
	public static TestWorker of(Scoreboard scoreboard) {
		return new TestWorker(scoreboard);
	}

	/**
	 * Return the warnings of one application in two workers.
	 * @param runner the application
	 * @return the texts by name
	 */
	public static Map<String, String> warningsOf(AbstractApplicationContextRunner<?, ?, ?> runner) {
		return ofFleet(2).warnings(runner);
	}

	/**
	 * Return the warnings of an application in this worker.
	 * @param runner the application
	 * @return the texts by name
	 */
	public Map<String, String> warnings(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withConfiguration(AutoConfigurations.of(WarningsAutoConfiguration.class))
			.withBean(WorkerProcess.class, () -> this.process)
			.run((context) -> ready((ConfigurableApplicationContext) context.getSourceApplicationContext()));
		return Map.copyOf(this.warnings);
	}

	/**
	 * Report to an application that it is ready, as Boot does.
	 */
	public static void ready(ConfigurableApplicationContext context) {
		context.publishEvent(new ApplicationReadyEvent(new SpringApplication(), new String[0], context, Duration.ZERO));
	}

	/**
	 * Return the worker's process, for a bean of that type.
	 */
	public WorkerProcess process() {
		return this.process;
	}

	/**
	 * Let the worker take traffic, as the arbiter does.
	 */
	public void serve() {
		this.startServing.get().run();
	}

}
