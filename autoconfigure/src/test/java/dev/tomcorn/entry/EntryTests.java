package dev.tomcorn.entry;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplicationRunListener;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.boot.bootstrap.BootstrapRegistryInitializer;
import org.springframework.boot.diagnostics.FailureAnalyzer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for a JVM that is too old for Tomcorn. Process tests start one.
 */
@Isolated("It replaces the standard error stream")
class EntryTests {

	/**
	 * Class file version of Java 17.
	 */
	private static final int JAVA_17 = 61;

	private static final Path CLASSES = mainClasses();

	@Test
	void entriesAreCompiledForJava17() throws IOException {
		try (Stream<Path> files = Files.list(CLASSES.resolve("dev/tomcorn/entry"))) {
			List<Path> classes = files.toList();
			assertThat(classes).hasSizeGreaterThan(2);
			assertThat(classes)
				.allSatisfy((file) -> assertThat(classFileVersion(file)).as(file.toString()).isEqualTo(JAVA_17));
		}
	}

	/**
	 * Boot loads the factories of some types only after the bootstrap registry has been
	 * initialized. Factories of all other types may be loaded earlier.
	 */
	@Test
	void allThatBootLoadsBeforeTheCheckIsCompiledForJava17() throws IOException {
		Properties factories = new Properties();
		try (InputStream input = Files.newInputStream(CLASSES.resolve("META-INF/spring.factories"))) {
			factories.load(input);
		}
		assertThat(factories.getProperty(BootstrapRegistryInitializer.class.getName()))
			.isEqualTo(JavaVersionCheck.class.getName());
		Set<String> later = Set.of(SpringApplicationRunListener.class.getName(),
				EnvironmentPostProcessor.class.getName(), SpringBootExceptionReporter.class.getName(),
				FailureAnalyzer.class.getName());
		for (String type : factories.stringPropertyNames()) {
			if (!later.contains(type)) {
				for (String name : factories.getProperty(type).split(",")) {
					assertThat(classFileVersion(CLASSES.resolve(name.strip().replace('.', '/') + ".class"))).as(name)
						.isEqualTo(JAVA_17);
				}
			}
		}
	}

	@Test
	void olderJavaIsToldInOneLine() {
		assertThat(RequiredJava.problem(Runtime.Version.parse("17.0.15+6-Debian-1deb12u1"), "/opt/jdk-17")).isEqualTo(
				"Tomcorn needs Java 25 or newer, and this is Java 17.0.15 (/opt/jdk-17). Use a JDK 25 or newer.");
		assertThat(RequiredJava.problem(Runtime.Version.parse("24"), "/opt/jdk-24")).contains("this is Java 24 (");
		assertThat(RequiredJava.problem(Runtime.Version.parse("25-ea"), "")).isNull();
		assertThat(RequiredJava.problem(Runtime.Version.parse("26.0.1"), "")).isNull();
		assertThat(RequiredJava.problem()).isNull();
	}

	@Test
	void requiredJavaIsThatOfTheOtherClasses() {
		int java1 = 44;
		assertThat(classFileVersion(CLASSES.resolve("dev/tomcorn/launch/ShellCommand.class")) - java1)
			.isEqualTo(RequiredJava.FEATURE_VERSION);
	}

	@Test
	void uncaughtExceptionIsReportedByItsMessageAlone() {
		AtomicReference<Throwable> passedOn = new AtomicReference<>();
		Thread thread = new Thread(mainGroup(), () -> {
		}, "main");
		thread.setUncaughtExceptionHandler((_, exception) -> passedOn.set(exception));
		OneLineReport.setUpForMain(thread);
		OneLineReport.setUpForMain(thread);
		Throwable unsupported = new InvocationTargetException(new UnsupportedJavaException("What is wrong"));
		assertThat(standardErrorOf(() -> report(thread, unsupported)))
			.isEqualTo("What is wrong" + System.lineSeparator());
		assertThat(passedOn).hasNullValue();
		IllegalStateException other = new IllegalStateException(new IOException());
		assertThat(standardErrorOf(() -> report(thread, other))).isEmpty();
		assertThat(passedOn).hasValue(other);
	}

	@Test
	void otherThreadsKeepTheirHandler() {
		Thread.UncaughtExceptionHandler handler = (_, _) -> {
		};
		Thread thread = new Thread(mainGroup(), () -> {
		}, "worker");
		thread.setUncaughtExceptionHandler(handler);
		OneLineReport.setUpForMain(thread);
		assertThat(thread.getUncaughtExceptionHandler()).isSameAs(handler);
	}

	private static void report(Thread thread, Throwable exception) {
		thread.getUncaughtExceptionHandler().uncaughtException(thread, exception);
	}

	private static ThreadGroup mainGroup() {
		return new ThreadGroup("main");
	}

	private static String standardErrorOf(Runnable action) {
		PrintStream standardError = System.err;
		ByteArrayOutputStream output = new ByteArrayOutputStream();
		System.setErr(new PrintStream(output, true, StandardCharsets.UTF_8));
		try {
			action.run();
		}
		finally {
			System.setErr(standardError);
		}
		return output.toString(StandardCharsets.UTF_8);
	}

	private static int classFileVersion(Path file) {
		try (DataInputStream input = new DataInputStream(Files.newInputStream(file))) {
			input.readInt();
			input.readUnsignedShort();
			return input.readUnsignedShort();
		}
		catch (IOException ex) {
			throw new AssertionError(file.toString(), ex);
		}
	}

	private static Path mainClasses() {
		URL location = JavaVersionCheck.class.getProtectionDomain().getCodeSource().getLocation();
		try {
			return Path.of(location.toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
