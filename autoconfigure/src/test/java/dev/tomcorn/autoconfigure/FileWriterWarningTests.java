package dev.tomcorn.autoconfigure;

import java.io.IOException;
import java.nio.file.Path;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link FileWriterWarning}.
 */
@ExtendWith(OutputCaptureExtension.class)
class FileWriterWarningTests {

	@ParameterizedTest
	@CsvSource({ "2, true", "1, false" })
	void writerThatIsABeanOfOneOfSeveralWorkersIsToldOf(int workers, boolean told, @TempDir Path directory,
			CapturedOutput output) throws IOException {
		Scoreboard scoreboard = Scoreboard.create(directory.resolve("scoreboard"), workers, 1);
		scoreboard.publish(1, workers, 0);
		WorkerProcess process = mock(WorkerProcess.class);
		given(process.isSupervised()).willReturn(true);
		given(process.scoreboard()).willReturn(scoreboard);
		given(process.runDirectory()).willReturn(directory);
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(StateWarningsAutoConfiguration.class))
			.withBean(WorkerProcess.class, () -> process)
			.withBean("ports", WebServerPortFileWriter.class, WebServerPortFileWriter::new)
			.run((context) -> assertThat(output.toString().contains("Each worker writes the file of bean 'ports'"))
				.isEqualTo(told));
	}

}
