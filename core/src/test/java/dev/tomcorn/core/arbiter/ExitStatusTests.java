package dev.tomcorn.core.arbiter;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ExitStatusTests {

	@ParameterizedTest
	@CsvSource({ "0, exit code 0", "1, exit code 1", "9, exit code 9", "127, exit code 127", "128, exit code 128",
			"129, exit code 129 (SIGHUP)", "130, exit code 130 (SIGINT)", "134, exit code 134 (SIGABRT)",
			"137, exit code 137 (SIGKILL)", "139, exit code 139 (SIGSEGV)", "143, exit code 143 (SIGTERM)",
			"255, exit code 255", "-1, exit code -1" })
	void tellsTheSignalBehindTheCode(int code, String text) {
		assertThat(new ExitStatus(code)).hasToString(text);
	}

}
