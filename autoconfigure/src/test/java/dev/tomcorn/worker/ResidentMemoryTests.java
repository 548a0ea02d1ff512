package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ResidentMemoryTests {

	@TempDir
	private Path directory;

	private long read(String status) throws IOException {
		return new ResidentMemory(Files.writeString(this.directory.resolve("status"), status)).getAsLong();
	}

	@Test
	void itIsInTheStatusOfTheProcess() throws IOException {
		assertThat(read("Name:\tVmRSS: 7 kB\nVmHWM:\t  999999 kB\nVmRSS:\t  123456 kB\nRssAnon:\t    1 kB\n"))
			.isEqualTo(123456L * 1024);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "Name:\tjava\n", "Name:\tjava\nVmRSS:\tmuch kB\n", "Name:\tjava\nVmRSS:\t12" })
	void whatCannotBeReadIsZero(String status) throws IOException {
		assertThat(read(status)).isZero();
	}

	@Test
	void systemWithoutSuchAFileHasNone() {
		assertThat(new ResidentMemory(this.directory.resolve("absent")).getAsLong()).isZero();
	}

}
