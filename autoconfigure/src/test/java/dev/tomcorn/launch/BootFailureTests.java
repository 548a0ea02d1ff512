package dev.tomcorn.launch;

import javax.sql.DataSource;

import dev.tomcorn.settings.InvalidSettingException;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

class BootFailureTests {

	@Test
	void failureThatBootCanAnalyzeIsToldInBootsWords() {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.refresh();
			assertThat(BootFailure.describe(context, new IllegalStateException(new PortInUseException(8080))))
				.contains("Port 8080 was already in use.")
				.contains("Identify and stop the process");
		}
	}

	@Test
	void failureBeforeThereIsAContextIsAnalyzedToo() {
		assertThat(BootFailure.describe(null,
				new InvalidSettingException("tomcorn.workers", "many", "a number from 1 to 128, or 'auto'")))
			.isEqualTo("tomcorn.workers is 'many'.\nSet tomcorn.workers to a number from 1 to 128, or 'auto'.");
	}

	@Test
	void otherFailureIsToldWithItsRootCause() {
		Exception failure = new IllegalStateException("Cannot start", new IllegalArgumentException("no such host"));
		assertThat(BootFailure.describe(null, failure)).isEqualTo("java.lang.IllegalArgumentException: no such host\n"
				+ "Failed with: java.lang.IllegalStateException: Cannot start");
	}

	@Test
	void firstLineIsASentenceOfItsOwnWhateverTheAnalysisLooksLike() {
		try (GenericApplicationContext context = new GenericApplicationContext()) {
			context.refresh();
			String report = BootFailure.describe(context,
					new NoSuchBeanDefinitionException(DataSource.class, "of the shop"));
			assertThat(BootFailure.sentence(report)).contains("javax.sql.DataSource").endsWith("could not be found.");
			assertThat(BootFailure.describe(null, new IllegalStateException("a\n\tb\n" + "c".repeat(10_000))))
				.startsWith("java.lang.IllegalStateException: a b ccc")
				.hasSizeLessThan(500)
				.hasLineCount(1);
		}
	}

}
