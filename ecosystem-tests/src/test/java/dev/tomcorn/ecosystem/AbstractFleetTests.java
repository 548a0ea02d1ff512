package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * Base class of tests with a fleet of their own, whose workers are in this JVM.
 */
abstract class AbstractFleetTests {

	static final Duration PATIENCE = Duration.ofSeconds(30);

	@TempDir
	private Path directory;

	TestFleet fleet;

	@BeforeEach
	void createFleet() throws IOException {
		this.fleet = new TestFleet(this.directory);
	}

	@AfterEach
	void closeFleet() {
		this.fleet.close();
	}

	static void await(BooleanSupplier condition) {
		Awaitility.await()
			.dontCatchUncaughtExceptions()
			.atMost(PATIENCE)
			.pollDelay(Duration.ZERO)
			.pollInterval(Duration.ofMillis(5))
			.until(condition::getAsBoolean);
	}

}
