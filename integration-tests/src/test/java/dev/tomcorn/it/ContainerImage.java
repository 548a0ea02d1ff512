package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Volume;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The application that misbehaves on request, in an image that needs no registry. It is
 * removed when closed.
 *
 * @param name its name
 * @param base the name of its base, or its own
 * @param mounts mounts of its containers
 */
record ContainerImage(String name, String base, List<Bind> mounts) implements AutoCloseable {

	/**
	 * Whether the image is built by the Dockerfile of the documentation. Copying a JDK
	 * and training takes minutes, so only the nightly profile does it. In a build the
	 * last stage of the Dockerfile is as documented, and JDK, application and cache are
	 * mounted where it would have copied them.
	 */
	static final boolean DOCUMENTED = Boolean.getBoolean("chaos.full");

	/**
	 * As in all process tests, the containers boot by the first compiler, and a cache is
	 * for the options of the run that made it. The collector is the image's own choice.
	 */
	static final List<String> OPTIONS = Launch.QUICK_BOOT.stream()
		.filter((option) -> !option.contains("Serial"))
		.toList();

	private static final Path DOCKERFILE = Path.of("../docs/deploy/docker/Dockerfile").toAbsolutePath().normalize();

	private static final String STAGE = "FROM ${BASE}\n";

	static ContainerImage build() {
		try {
			long begun = System.nanoTime();
			ContainerImage image = DOCUMENTED ? documented() : mounted();
			Figures.print("container image of %d MB, base of %d MB, made in %.1f s", megabytes(image.name()),
					megabytes(image.base()), (System.nanoTime() - begun) / 1e9);
			return image;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ContainerImage documented() throws IOException {
		String base = ContainerBase.create(true);
		String name = new ImageFromDockerfile().withFileFromPath("Dockerfile", DOCKERFILE)
			.withFileFromPath("app.jar", Launch.FAULT_JAR)
			.withBuildArg("BASE", base)
			.withBuildArg("JAR", "app.jar")
			.withBuildArg("PRELOAD_OPTIONS", String.join(" ", OPTIONS))
			.get();
		return new ContainerImage(name, base, List.of());
	}

	private static ContainerImage mounted() throws IOException {
		ExtractedJar application = ExtractedJar.of(Launch.FAULT_JAR);
		// A cache is valid for a jar of this name
		String jar = application.jar().getFileName().toString();
		String stage = Files.readString(DOCKERFILE);
		stage = stage.substring(stage.lastIndexOf(STAGE) + STAGE.length())
			.lines()
			.filter((line) -> !line.startsWith("COPY --from=build "))
			.collect(Collectors.joining("\n"))
			.replace("app.jar", jar);
		String base = ContainerBase.create(false);
		String name = new ImageFromDockerfile().withFileFromString("Dockerfile", "FROM %s%n%s%n".formatted(base, stage))
			.get();
		return new ContainerImage(name, base,
				List.of(mount(ContainerBase.HOME, ContainerBase.HOME.toString()),
						mount(application.jar().resolveSibling("lib"), "/app/lib"),
						mount(application.jar(), "/app/" + jar), mount(application.cache(), "/app/app.aot")));
	}

	private static Bind mount(Path source, String target) {
		return new Bind(source.toString(), new Volume(target), AccessMode.ro);
	}

	private static DockerClient client() {
		return DockerClientFactory.instance().client();
	}

	private static long megabytes(String image) {
		Long size = client().inspectImageCmd(image).exec().getSize();
		return (size != null) ? size / 1_000_000 : -1;
	}

	@Override
	public void close() {
		remove(this.name);
		remove(this.base);
	}

	private static void remove(String image) {
		try {
			client().removeImageCmd(image).withForce(true).exec();
		}
		catch (NotFoundException ex) {
			// Already removed
		}
	}

}
