package dev.tomcorn.core.process;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.Placement;

import static org.assertj.core.api.Assertions.assertThat;

@Isolated("It sets the default locale")
class WorkerIdentityTests {

	private static final WorkerIdentity IDENTITY = new WorkerIdentity(new Placement(5, 2, Long.MAX_VALUE, 4), 4711,
			Path.of("/dev/shm/tomcorn 1"));

	@Test
	void workerKnowsWhoItIsFromItsEnvironment() {
		assertThat(WorkerIdentity.fromEnvironment(environment(), 4711)).isEqualTo(IDENTITY);
	}

	@Test
	void localeOfTheArbiterDoesNotMatter() {
		Locale before = Locale.getDefault();
		Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
		try {
			assertThat(WorkerIdentity.fromEnvironment(environment(), 4711)).isEqualTo(IDENTITY);
		}
		finally {
			Locale.setDefault(before);
		}
	}

	@Test
	void childOfAWorkerIsNoWorker() {
		assertThat(WorkerIdentity.fromEnvironment(environment(), 4712)).isNull();
	}

	@Test
	void processWithoutTheVariablesIsNoWorker() {
		assertThat(WorkerIdentity.fromEnvironment(Map.of(), 4711)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCORN_WORKER", "TOMCORN_ARBITER_PID", "TOMCORN_WORKER_DIRECTORY" })
	void everyVariableIsNeeded(String name) {
		Map<String, String> environment = environment();
		assertThat(environment.remove(name)).isNotNull();
		assertThat(WorkerIdentity.fromEnvironment(environment, 4711)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "1", "1,2,3", "1,2,3,4,5", "1,2,3,4,", "1,2,3,", ",,,", "a,2,3,4", "1,2,3,x",
			"1, 2,3,4", "99999999999,2,3,4", "1,2,99999999999999999999,4" })
	void malformedPlacementIsNoWorker(String worker) {
		Map<String, String> environment = environment();
		environment.put("TOMCORN_WORKER", worker);
		assertThat(WorkerIdentity.fromEnvironment(environment, 4711)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "x", "4711 ", "47.11", "99999999999999999999" })
	void malformedArbiterPidIsNoWorker(String arbiterPid) {
		Map<String, String> environment = environment();
		environment.put("TOMCORN_ARBITER_PID", arbiterPid);
		assertThat(WorkerIdentity.fromEnvironment(environment, 4711)).isNull();
	}

	@Test
	void filesOfTheFleetAreInTheRunDirectory() {
		assertThat(IDENTITY.scoreboard()).isEqualTo(Path.of("/dev/shm/tomcorn 1/scoreboard"));
		assertThat(IDENTITY.controlSocket()).isEqualTo(Path.of("/dev/shm/tomcorn 1/control.sock"));
	}

	private static Map<String, String> environment() {
		return new HashMap<>(IDENTITY.toEnvironment());
	}

}
