package dev.tomcorn.autoconfigure;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

/**
 * Warns of Boot's writers of files where they are beans, which the arbiter cannot know:
 * each worker would write the file, and delete it at its end.
 */
final class FileWriterWarning implements SmartInitializingSingleton {

	private final ConfigurableListableBeanFactory beanFactory;

	private final StateWarnings warnings;

	FileWriterWarning(ConfigurableListableBeanFactory beanFactory, StateWarnings warnings) {
		this.beanFactory = beanFactory;
		this.warnings = warnings;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.warnings.matter()) {
			warn(ApplicationPidFileWriter.class, "pid-file");
			warn(WebServerPortFileWriter.class, "port-file");
		}
	}

	private void warn(Class<?> type, String subject) {
		for (String name : this.beanFactory.getBeanNamesForType(type, true, false)) {
			this.warnings.warn(subject,
					"Each worker writes the file of bean '%s' (%s), and deletes it at its end. Add the listener to the "
						.formatted(name, type.getSimpleName())
							+ "SpringApplication instead, by addListeners or META-INF/spring.factories: then the arbiter "
							+ "writes the file");
		}
	}

}
