package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * The application that misbehaves on request, in an image as the Dockerfile of the
 * documentation makes it, on a base image that needs no registry. Both are removed when
 * closed.
 *
 * @param name its name
 * @param base the name of its base
 */
record ContainerImage(String name, String base) implements AutoCloseable {

	private static final Path DOCKERFILE = Path.of("../docs/deploy/docker/Dockerfile").toAbsolutePath().normalize();

	/**
	 * As all process tests, the containers boot by the first compiler, and a cache is for
	 * the options of the run that made it. The collector is the image's own choice.
	 */
	static final List<String> OPTIONS = Launch.QUICK_BOOT.stream()
		.filter((option) -> option.contains("Tiered"))
		.toList();

	static ContainerImage build() {
		try {
			long begun = System.nanoTime();
			String base = ContainerBase.create();
			long based = System.nanoTime();
			String name = new ImageFromDockerfile().withFileFromPath("Dockerfile", DOCKERFILE)
				.withFileFromPath("app.jar", Launch.FAULT_JAR)
				.withBuildArg("BASE", base)
				.withBuildArg("JAR", "app.jar")
				.withBuildArg("PRELOAD_OPTIONS", String.join(" ", OPTIONS))
				.get();
			Figures.print("container image of %d MB built in %.1f s, its base of %d MB in %.1f s", megabytes(name),
					(System.nanoTime() - based) / 1e9, megabytes(base), (based - begun) / 1e9);
			return new ContainerImage(name, base);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
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
			// Gone already
		}
	}

}
