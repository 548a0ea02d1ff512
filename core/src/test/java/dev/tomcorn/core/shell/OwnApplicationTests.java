package dev.tomcorn.core.shell;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

import dev.tomcorn.core.process.FleetIdentity;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OwnApplication}.
 */
@Execution(ExecutionMode.CONCURRENT)
class OwnApplicationTests {

	/**
	 * A class in a directory.
	 */
	private static final String MAIN = OwnApplicationTests.class.getName();

	/**
	 * A class in a jar.
	 */
	private static final String MAIN_OF_JAR = Test.class.getName();

	private static final String OTHER_MAIN = "com.example.Blog";

	@TempDir
	private Path directory;

	private Path jar(String file) throws IOException {
		Path jar = this.directory.resolve(file);
		Files.createDirectories(jar.getParent());
		return Files.createFile(jar);
	}

	private static OwnApplication own(@Nullable String name, Path... jars) {
		return new OwnApplication(name, Set.of(jars), OwnApplicationTests.class.getClassLoader());
	}

	private static FleetIdentity named(String name) {
		return new FleetIdentity(name, true, "/srv/elsewhere.jar", OTHER_MAIN, 8080, 0);
	}

	private static FleetIdentity ofJar(Path jar, String mainClass) {
		return new FleetIdentity(FleetIdentity.nameOf(jar), false, jar.toString(), mainClass, 8080, 0);
	}

	@Test
	void fleetOfTheSameNameIsItsOwnWhateverTheJarIs() throws IOException {
		OwnApplication own = own("shop", jar("2/shop-2.jar"));
		assertThat(own.isRunBy(named("shop"))).isTrue();
		assertThat(own.isRunBy(named("blog"))).isFalse();
		assertThat(own.isRunBy(ofJar(Path.of("/srv/shop-1.jar"), MAIN))).as("a name that is not declared").isFalse();
	}

	@Test
	void fleetOfTheSameJarIsItsOwnWhateverTheNameIs() throws IOException {
		Path jar = jar("releases/1/shop.jar");
		Path link = Files.createSymbolicLink(this.directory.resolve("current"), jar.getParent()).resolve("shop.jar");
		FleetIdentity fleet = new FleetIdentity("named-on-the-command-line", true, link.toString(), OTHER_MAIN, 1, 0);
		assertThat(own("shop", jar).isRunBy(fleet)).isTrue();
		assertThat(own(null, link).isRunBy(fleet)).isTrue();
		assertThat(own("shop", jar("releases/2/shop.jar")).isRunBy(fleet)).isFalse();
	}

	@Test
	void withoutANameItIsTheJarsNameAndTheMainClass() throws IOException {
		OwnApplication own = own(null, jar("2/shop-2.0.1.jar"));
		assertThat(own.isRunBy(ofJar(Path.of("/srv/1/shop-1.9-SNAPSHOT.jar"), MAIN_OF_JAR))).isTrue();
		assertThat(own.isRunBy(ofJar(Path.of("/srv/1/blog-1.9.jar"), MAIN_OF_JAR))).isFalse();
		assertThat(own.isRunBy(ofJar(Path.of("/srv/blog/shop-1.9.jar"), OTHER_MAIN))).as("another's app.jar").isFalse();
		assertThat(own.isRunBy(ofJar(Path.of("/srv/1/shop-1.9.jar"), ""))).isFalse();
		assertThat(own.isRunBy(FleetIdentity.UNKNOWN)).isFalse();
	}

	@Test
	void whereOneOfBothHasNoJarItIsTheMainClass() {
		assertThat(own(null).isRunBy(new FleetIdentity("Shop", false, "", MAIN_OF_JAR, 8080, 0))).isTrue();
		assertThat(own(null).isRunBy(new FleetIdentity("Blog", false, "", OTHER_MAIN, 8080, 0))).isFalse();
		assertThat(own(null).isRunBy(ofJar(Path.of("/srv/shop.jar"), MAIN))).isTrue();
		assertThat(own(null).isRunBy(ofJar(Path.of("/srv/shop.jar"), MAIN_OF_JAR))).isFalse();
		assertThat(own(null).isRunBy(new FleetIdentity("web", true, "", MAIN, 8080, 0))).as("declared").isFalse();
	}

}
