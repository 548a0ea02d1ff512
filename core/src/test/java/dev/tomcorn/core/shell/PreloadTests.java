package dev.tomcorn.core.shell;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Preload}, with a script in place of the JVM.
 */
class PreloadTests {

	private static final String JAVA = """
			#!/bin/sh
			echo "$@" >>"%s"
			for word; do
				case "$word" in
					-XX:AOTCacheOutput=*) %s >"${word#-XX:AOTCacheOutput=}"; exit 0 ;;
				esac
				last=$word
			done
			mkdir -p "$last" && cp "%s" "$last"
			""";

	private final ByteArrayOutputStream out = new ByteArrayOutputStream();

	private final ByteArrayOutputStream err = new ByteArrayOutputStream();

	@TempDir
	private Path directory;

	private Path jar;

	@BeforeEach
	void setUp() throws IOException {
		this.jar = Files.writeString(this.directory.resolve("shop.jar"), "shop");
	}

	private int run(String cache, Path output) throws IOException {
		Path java = Files.writeString(this.directory.resolve("java"),
				JAVA.formatted(this.directory.resolve("calls"), cache, this.jar));
		Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
		return new Preload(java, List.of("-XX:+UseSerialGC", "-Xmx300m"), this.jar).run(output,
				new Output(null, new PrintStream(this.out), new PrintStream(this.err)));
	}

	private static String text(ByteArrayOutputStream bytes) {
		return bytes.toString(StandardCharsets.UTF_8);
	}

	@Test
	void layoutAndCacheAreMadeAndTheCommandIsPrinted() throws IOException {
		Path output = this.directory.resolve("app");
		assertThat(run("echo cache", output)).as(text(this.err)).isZero();
		assertThat(output.resolve("shop.jar")).hasContent("shop");
		assertThat(text(this.out)).isEqualToNormalizingNewlines(
				"java -XX:+UseSerialGC -Xmx300m -XX:AOTCache=%1$s/app.aot -jar %1$s/shop.jar\n".formatted(output));
		assertThat(Files.readAllLines(this.directory.resolve("calls"))).hasSize(2)
			.last()
			.asString()
			.startsWith("-XX:+UseSerialGC -Xmx300m -XX:AOTCacheOutput=")
			.endsWith("-Dspring.context.exit=onRefresh -jar %s/shop.jar --tomcorn.arbiter.enabled=false"
				.formatted(output));
	}

	@Test
	void directoryThatHasSomethingIsLeftAlone() throws IOException {
		assertThat(run("echo cache", this.directory)).isEqualTo(1);
		assertThat(text(this.err)).contains("is not empty.");
		assertThat(this.directory.resolve("calls")).doesNotExist();
	}

	@Test
	void trainingRunThatFailsIsTold() throws IOException {
		assertThat(run("exit 3", this.directory.resolve("app"))).isEqualTo(1);
		assertThat(text(this.err)).contains("The training run has ended with exit code 3.");
		assertThat(text(this.out)).isEmpty();
	}

	@Test
	void applicationThatIsInNoJarIsTold() throws IOException {
		assertThat(new Preload(Path.of("java"), List.of(), null).run(this.directory.resolve("app"),
				new Output(null, new PrintStream(this.out), new PrintStream(this.err))))
			.isEqualTo(1);
		assertThat(text(this.err)).contains("The application is not in a jar");
	}

}
