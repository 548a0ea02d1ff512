package dev.tomcorn.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.testcontainers.images.builder.ImageFromDockerfile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A base image like those of a registry, made without one: of this machine's shell and
 * libraries and of the JDK that runs the tests.
 */
final class ContainerBase {

	static final Path HOME = Path.of(System.getProperty("java.home"));

	private static final Path WORK = Path.of("target/container").toAbsolutePath();

	/**
	 * The tests need the last one, the Dockerfile the others.
	 */
	private static final List<String> PROGRAMS = List.of("/bin/sh", "/bin/bash", "/bin/chmod", "/bin/sleep");

	/**
	 * Files that a runtime does not have.
	 */
	private static final List<String> NO_RUNTIME = List.of("jmods", "lib/src.zip", "lib/ct.sym", "man", "include");

	/**
	 * Libraries for graphics and sound, which would need the libraries of a desktop.
	 */
	private static final Set<String> DESKTOP_LIBRARIES = Set.of("libawt_xawt.so", "libsplashscreen.so", "libjsound.so",
			"libfontmanager.so", "libfreetype.so");

	private static final Pattern LIBRARY = Pattern.compile("(?m)(?:^\\s*|=> )(/\\S+) \\(0x");

	private static final int ANYONE_MAY_CREATE = 01777;

	private ContainerBase() {
	}

	/**
	 * Create the image.
	 * @param jdk whether it contains the JDK, which is mounted otherwise
	 * @return its name
	 */
	static String create(boolean jdk) throws IOException {
		Path root = Files.createDirectories(WORK.resolve("root"));
		Files.createDirectories(root.resolve("etc"));
		Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/bash\n");
		Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
		Files.setAttribute(Files.createDirectories(root.resolve("tmp")), "unix:mode", ANYONE_MAY_CREATE);
		Files.createDirectories(root.resolve("usr/local/bin"));
		Path java = Files.createDirectories(root.resolve("usr/bin")).resolve("java");
		if (!Files.isSymbolicLink(java)) {
			Files.createSymbolicLink(java, Path.of(Launch.JAVA));
		}
		Path archive = WORK.resolve("base.tar");
		run(List.of("tar", "-cf", archive.toString(), "--owner=0", "--group=0", "-C", root.toString(), "."));
		List<String> add = new ArrayList<>(List.of("tar", "-rhf", archive.toString(), "--owner=0", "--group=0"));
		NO_RUNTIME.stream().map((file) -> "--exclude=" + relative(HOME.resolve(file).toString())).forEach(add::add);
		add.addAll(List.of("-C", "/"));
		if (jdk) {
			add.add(relative(HOME.toString()));
		}
		PROGRAMS.stream().map(ContainerBase::relative).forEach(add::add);
		libraries().forEach((library) -> add.add(relative(library.toString())));
		run(add);
		// An import by the client is cut off half-way
		String name = new ImageFromDockerfile("localhost/tomcorn-base-" + UUID.randomUUID(), false)
			.withFileFromString("Dockerfile", "FROM scratch\nADD base.tar /\n")
			.withFileFromPath("base.tar", archive)
			.get();
		Files.delete(archive);
		return name;
	}

	private static String relative(String path) {
		return path.substring(1);
	}

	private static Set<Path> libraries() throws IOException {
		List<String> command = new ArrayList<>(List.of("ldd", Launch.JAVA));
		command.addAll(PROGRAMS);
		try (Stream<Path> files = Files.walk(HOME.resolve("lib"))) {
			files.filter((file) -> file.toString().endsWith(".so"))
				.filter((file) -> !DESKTOP_LIBRARIES.contains(file.getFileName().toString()))
				.map(Path::toString)
				.forEach(command::add);
		}
		String output = run(command);
		Set<Path> libraries = new TreeSet<>();
		Matcher matcher = LIBRARY.matcher(output);
		while (matcher.find()) {
			Path library = Path.of(matcher.group(1));
			if (!library.startsWith(HOME)) {
				libraries.add(library);
			}
		}
		assertThat(libraries).as(output).isNotEmpty();
		return libraries;
	}

	private static String run(List<String> command) throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		try {
			assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
			return output;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
