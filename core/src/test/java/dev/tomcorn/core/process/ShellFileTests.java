package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ShellFileTests {

	private static final Path JAVA = Path.of("/jdk/bin/java");

	@TempDir
	private Path directory;

	@Test
	void classPathOfABuildToolIsEnough() {
		ShellFile file = ShellFile.of(JAVA, "target/classes:/repository/a b.jar", Path.of("/shop"), this.directory);
		assertThat(file.words()).containsSequence("-cp", "/shop/target/classes:/repository/a b.jar",
				"dev.tomcorn.entry.TomcornCommand", "--run-directory", this.directory.toString());
		assertThat(file.command("status")).isEqualTo("/jdk/bin/java @%s/shell status".formatted(this.directory));
	}

	@Test
	void jarWithJarsWithinNeedsItsOwnLauncher() throws IOException {
		jar("app.jar", "org.springframework.boot.loader.launch.JarLauncher");
		assertThat(ShellFile.of(JAVA, "app.jar", this.directory, this.directory).words())
			.containsSequence("-Djarmode=tomcorn", "-jar", this.directory.resolve("app.jar").toString());
	}

	@Test
	void extractedJarIsAClassPath() throws IOException {
		jar("app.jar", "com.example.Shop");
		assertThat(ShellFile.of(JAVA, "app.jar", this.directory, this.directory).words()).containsSequence("-cp",
				this.directory.resolve("app.jar").toString(), "dev.tomcorn.entry.TomcornCommand");
	}

	@Test
	void launcherReadsWhatIsWritten() throws IOException {
		ShellFile file = ShellFile.of(JAVA, "a \"b\".jar", Path.of("/c\\d"), this.directory);
		file.write();
		file.write();
		assertThat(ArgumentFile.words(Files.readString(file.file()))).isEqualTo(file.words());
		assertThat(Files.getPosixFilePermissions(file.file())).hasSize(2);
	}

	@Test
	void launcherInADirectoryWithSpacesIsQuoted() {
		assertThat(ShellFile.of(Path.of("/my jdk/bin/java"), "x", this.directory, this.directory).command("status"))
			.startsWith("'/my jdk/bin/java' @");
	}

	private void jar(String name, String mainClass) throws IOException {
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, mainClass);
		new JarOutputStream(Files.newOutputStream(this.directory.resolve(name)), manifest).close();
	}

}
