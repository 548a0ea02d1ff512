package dev.tomcorn.launch;

import java.io.IOException;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.core.io.support.SpringFactoriesLoader;

/**
 * The configuration that an application started here has from local sources: the same
 * files, profiles and environment variables. Reading it runs no application code and
 * makes no connection.
 */
final class LocalConfiguration {

	/**
	 * Limit in case a file is on a disk that hangs.
	 */
	private static final Duration LIMIT = Duration.ofSeconds(5);

	private LocalConfiguration() {
	}

	/**
	 * Return the value of a property.
	 * @param name name of the property
	 * @param classes finds the application's classes and files
	 * @return the value; {@code null} if there is none, or the configuration cannot be
	 * read
	 */
	static @Nullable String property(String name, ClassLoader classes) {
		FutureTask<@Nullable String> task = new FutureTask<>(() -> read(name, classes));
		Thread.ofPlatform().daemon().name("tomcorn-configuration").start(task);
		try {
			return task.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		catch (ExecutionException | TimeoutException ex) {
			// A configuration that prevents a start must not prevent a stop
			return null;
		}
	}

	private static @Nullable String read(String name, ClassLoader classes) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new MapPropertySource("tomcornCommand", Map.of("spring.config.on-not-found", "ignore")));
		ConfigDataEnvironmentPostProcessor.applyTo(environment, new DefaultResourceLoader(new BootOnly(classes)), null);
		return environment.getProperty(name);
	}

	/**
	 * Hides all configuration extensions except Boot's own.
	 */
	private static final class BootOnly extends ClassLoader {

		private static final String OWN = "dev/tomcorn/launch/local.factories";

		private static final Class<?> OF_BOOT = ConfigDataEnvironmentPostProcessor.class;

		BootOnly(ClassLoader parent) {
			super(parent);
		}

		@Override
		public Enumeration<URL> getResources(String name) throws IOException {
			if (!name.equals(SpringFactoriesLoader.FACTORIES_RESOURCE_LOCATION)) {
				return super.getResources(name);
			}
			String file = OF_BOOT.getName().replace('.', '/') + ".class";
			String root = Objects.requireNonNull(getResource(file), file).toString().replace(file, "");
			List<URL> offered = new ArrayList<>();
			for (URL factories : Collections.list(super.getResources(name))) {
				if (factories.toString().equals(root + name)) {
					offered.add(factories);
				}
			}
			offered.add(Objects.requireNonNull(getResource(OWN), OWN));
			return Collections.enumeration(offered);
		}

	}

}
