package dev.tomcorn.entry;

import org.springframework.boot.bootstrap.BootstrapRegistry;
import org.springframework.boot.bootstrap.BootstrapRegistryInitializer;

/**
 * {@link BootstrapRegistryInitializer} that stops the start of an application if the JVM
 * is too old. Spring Boot calls it before it loads any other class of Tomcorn.
 */
final class JavaVersionCheck implements BootstrapRegistryInitializer {

	@Override
	public void initialize(BootstrapRegistry registry) {
		String problem = RequiredJava.problem();
		if (problem != null) {
			OneLineReport.setUpForMain(Thread.currentThread());
			throw new UnsupportedJavaException(problem);
		}
	}

}
