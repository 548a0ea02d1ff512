package dev.tomcorn.settings;

import org.junit.jupiter.api.Test;

import org.springframework.boot.diagnostics.FailureAnalysis;

import static org.assertj.core.api.Assertions.assertThat;

class InvalidSettingFailureAnalyzerTests {

	@Test
	void analysisSaysWhatIsWrongAndWhatToWrite() {
		FailureAnalysis analysis = new InvalidSettingFailureAnalyzer()
			.analyze(new InvalidSettingException("tomcorn.threads", "0", "a number from 1 to 10000"));
		assertThat(analysis.getDescription()).isEqualTo("tomcorn.threads is '0'.");
		assertThat(analysis.getAction()).isEqualTo("Set tomcorn.threads to a number from 1 to 10000.");
	}

}
