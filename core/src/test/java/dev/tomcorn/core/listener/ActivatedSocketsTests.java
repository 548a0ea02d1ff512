package dev.tomcorn.core.listener;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link ActivatedSockets}.
 */
class ActivatedSocketsTests {

	private static final long PID = 4711;

	private static List<Integer> find(String address, Map<String, String> environment) {
		return new ActivatedSockets(environment, PID).find((BindAddress.Descriptor) BindAddress.of(address));
	}

	private static void assertRefused(String address, Map<String, String> environment, String problem) {
		assertThatExceptionOfType(BindFailure.class).isThrownBy(() -> find(address, environment))
			.satisfies((ex) -> assertThat(ex.problem()).isEqualTo(problem));
	}

	@Test
	void numberAndNamesAreFound() {
		Map<String, String> environment = Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "3", "LISTEN_FDNAMES",
				"web:admin:web");
		assertThat(find("fd://4", environment)).containsExactly(4);
		assertThat(find("fd://admin", environment)).containsExactly(4);
		assertThat(find("fd://web", environment)).containsExactly(3, 5);
	}

	@Test
	void whatIsNotThereIsRefused() {
		Map<String, String> environment = Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "2", "LISTEN_FDNAMES", "a:b:c");
		assertRefused("fd://5", environment,
				"This process was started with 2 socket(s), the last of which is descriptor 4.");
		assertRefused("fd://c", environment,
				"This process was started with no socket of the name 'c', but with a, b, c.");
		assertRefused("fd://c", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "1"),
				"This process was started with no socket of the name 'c', but with sockets that have no names.");
		assertRefused("fd://3", Map.of("LISTEN_PID", "4711", "LISTEN_FDS", "many"),
				"LISTEN_FDS is 'many', which is not a number of sockets.");
	}

	@Test
	void socketsOfAnotherProcessAreNotTaken() {
		assertRefused("fd://3", Map.of("LISTEN_PID", "4712", "LISTEN_FDS", "1"),
				"The sockets were passed to process 4712, and this one is 4711.");
	}

	@Test
	void numberNeedsNoVariables() {
		assertThat(find("fd://7", Map.of())).containsExactly(7);
		assertRefused("fd://web", Map.of(),
				"This process was started without sockets that have names: LISTEN_PID is not set.");
	}

}
