package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * An image with nothing but the libraries that a JDK needs, and what a container of it
 * mounts: the JDK that runs the tests, which has the path there that it has here, so that
 * the AOT cache is good there, too, and the application that misbehaves on request. It is
 * built without a registry, and removed when closed.
 *
 * @param name its name
 */
record ContainerImage(String name) implements AutoCloseable {

	private static final String APPLICATION = "/application";

	/**
	 * Class path of the programs that tests run inside a container.
	 */
	static final String PROGRAMS = "/programs";

	static final String USER = "app";

	static final String USER_ID = "1000";

	private static final Path HOME = Path.of(System.getProperty("java.home"));

	private static final Path WORK = Path.of("target/container").toAbsolutePath();

	/**
	 * They draw and play, and would bring in the libraries of a desktop.
	 */
	private static final Set<String> DESKTOP_LIBRARIES = Set.of("libawt_xawt.so", "libsplashscreen.so", "libjsound.so",
			"libfontmanager.so", "libfreetype.so");

	private static final Pattern LIBRARY = Pattern.compile("(?m)(?:^\\s*|=> )(/\\S+) \\(0x");

	private static final String PASSWD = """
			root:x:0:0:root:/:/none
			%s:x:%s:%s:app:/:/none
			""".formatted(USER, USER_ID, USER_ID);

	private static final int ANYONE_MAY_CREATE = 01777;

	/**
	 * Translate a path, or an option that has one. The directory of temporary files is
	 * another one inside, and here everything may be below it.
	 */
	static String inside(String text) {
		return text.replace(ExtractedJar.PARENT.toString(), APPLICATION)
			.replace(Launch.FAULT_JAR.getParent().toString(), APPLICATION);
	}

	static ContainerImage build() {
		try {
			long begun = System.nanoTime();
			ImageFromDockerfile image = new ImageFromDockerfile().withFileFromString("Dockerfile", """
					FROM scratch
					COPY root /
					""")
				.withFileFromString("root/etc/passwd", PASSWD)
				.withFileFromPath("root/tmp", temporaryDirectory());
			for (Path library : libraries()) {
				image.withFileFromPath("root" + library, library.toRealPath());
			}
			for (Class<?> program : List.of(ContainerProgram.class, Processes.class, Processes.Row.class)) {
				String file = "/" + program.getName().replace('.', '/') + ".class";
				image.withFileFromPath("root" + PROGRAMS + file, resource(file));
			}
			String name = image.get();
			Long size = DockerClientFactory.instance().client().inspectImageCmd(name).exec().getSize();
			Figures.print("container image of %d MB built in %.1f s", (size != null) ? size / 1_000_000 : -1,
					(System.nanoTime() - begun) / 1e9);
			return new ContainerImage(name);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return what its containers mount. To copy it into the image would take a minute.
	 */
	static List<Bind> mounts() {
		return Stream.concat(Stream.of(HOME), Launch.filesOfFaults().stream())
			.map((file) -> new Bind(file.toString(), new Volume(inside(file.toString())), AccessMode.ro))
			.toList();
	}

	private static Path temporaryDirectory() throws IOException {
		Path directory = Files.createDirectories(WORK.resolve("tmp"));
		Files.setAttribute(directory, "unix:mode", ANYONE_MAY_CREATE);
		return directory;
	}

	private static Set<Path> libraries() throws IOException {
		List<String> command = new ArrayList<>(List.of("ldd", Launch.JAVA));
		try (Stream<Path> files = Files.walk(HOME.resolve("lib"))) {
			files.filter((file) -> file.toString().endsWith(".so"))
				.filter((file) -> !DESKTOP_LIBRARIES.contains(file.getFileName().toString()))
				.map(Path::toString)
				.forEach(command::add);
		}
		Process ldd = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		String output = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		Set<Path> libraries = new TreeSet<>();
		Matcher matcher = LIBRARY.matcher(output);
		while (matcher.find()) {
			Path library = Path.of(matcher.group(1));
			if (!library.startsWith(HOME)) {
				libraries.add(library);
			}
		}
		if (libraries.isEmpty()) {
			throw new IllegalStateException("ldd names no library:\n" + output);
		}
		return libraries;
	}

	private static Path resource(String name) {
		URL url = ContainerImage.class.getResource(name);
		if (url == null) {
			throw new IllegalStateException(name + " is not there");
		}
		try {
			return Path.of(url.toURI());
		}
		catch (URISyntaxException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Override
	public void close() {
		try {
			DockerClientFactory.instance().client().removeImageCmd(this.name).withForce(true).exec();
		}
		catch (NotFoundException ex) {
			// Gone already
		}
	}

}
