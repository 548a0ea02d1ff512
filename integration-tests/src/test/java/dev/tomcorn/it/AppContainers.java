package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

import com.github.dockerjava.api.command.CreateContainerCmd;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;

/**
 * Starts the application in containers and removes them after the test. Their output is
 * kept and, when a test fails, shown. Without a container engine the tests are skipped,
 * unless the property {@code containers.required} is set.
 */
final class AppContainers implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback {

	private static final String NO_ENGINE = "Container tests are skipped: no container engine answers. "
			+ "Start Docker, or set DOCKER_HOST to the socket of an engine that runs Linux containers";

	private final List<AppContainer> containers = new ArrayList<>();

	private @Nullable ContainerImage image;

	private String name = "";

	@Override
	public void beforeAll(ExtensionContext context) {
		if (!Boolean.getBoolean("containers.required") && !DockerClientFactory.instance().isDockerAvailable()) {
			Figures.print("%s", NO_ENGINE);
			return;
		}
		this.image = context.getRoot()
			.getStore(ExtensionContext.Namespace.create(ContainerImage.class))
			.computeIfAbsent(ContainerImage.class, (type) -> ContainerImage.build(), ContainerImage.class);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		// Here, because only skipped tests are counted, not skipped classes
		Assumptions.assumeTrue(this.image != null, NO_ENGINE);
		this.name = context.getRequiredTestClass().getSimpleName() + "-" + context.getRequiredTestMethod().getName();
	}

	/**
	 * Start the application in a container and wait until it listens.
	 * @param launch its JVM options, arguments and environment
	 * @param limits the limits of the container
	 */
	AppContainer start(Launch launch, Consumer<CreateContainerCmd> limits) {
		if (this.image == null) {
			throw new IllegalStateException("No image");
		}
		try {
			Path log = Files.createTempFile(Files.createDirectories(Launch.LOGS), this.name + "-", ".log");
			AppContainer container = new AppContainer(this.image, launch, limits, log);
			this.containers.add(container);
			container.start();
			return container;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	@Override
	public void afterEach(ExtensionContext context) {
		List<AppContainer> ending = List.copyOf(this.containers);
		this.containers.clear();
		if (context.getExecutionException().isPresent()) {
			ending.forEach(
					(container) -> Figures.print("failed: %s, output: %s", context.getDisplayName(), container.tail()));
		}
		ending.forEach(AppContainer::remove);
	}

}
