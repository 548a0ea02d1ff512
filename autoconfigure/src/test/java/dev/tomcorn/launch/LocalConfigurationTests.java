package dev.tomcorn.launch;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LocalConfiguration}.
 */
@Execution(ExecutionMode.CONCURRENT)
class LocalConfigurationTests {

	@TempDir
	private Path directory;

	@Test
	void nameIsReadAsTheApplicationWouldReadIt() throws Exception {
		write("application.yml", """
				spring:
				  application.name: shop-${region:eu}
				  profiles.group.live: named
				""");
		assertThat(name()).isEqualTo("shop-eu");
		write("application-named.properties", "spring.application.name=by-profile");
		write("application.properties", "spring.profiles.active=live");
		assertThat(name()).isEqualTo("by-profile");
	}

	@Test
	void nobodyElseIsAskedForTheName() throws Exception {
		write("more.properties", "spring.application.name=shop");
		write("application.properties",
				"spring.config.import=configserver:http://localhost:1,optional:consul:,http://127.0.0.1:1/x.yml,"
						+ "classpath:more.properties");
		write("META-INF/spring.factories", "org.springframework.boot.context.config.ConfigDataLoader=com.example.None\n"
				+ "org.springframework.boot.context.config.ConfigDataLocationResolver=com.example.None");
		assertThat(name()).isEqualTo("shop");
	}

	@Test
	void configurationThatCannotBeReadGivesNoName() throws Exception {
		assertThat(name()).isNull();
		write("application.yml", "spring: [");
		assertThat(name()).isNull();
	}

	private void write(String file, String content) throws IOException {
		Path path = this.directory.resolve(file);
		Files.createDirectories(path.getParent());
		Files.writeString(path, content);
	}

	private @Nullable String name() throws IOException {
		try (URLClassLoader classes = new URLClassLoader(new URL[] { this.directory.toUri().toURL() },
				LocalConfigurationTests.class.getClassLoader())) {
			return LocalConfiguration.property("spring.application.name", classes);
		}
	}

}
