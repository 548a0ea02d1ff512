package dev.tomcorn.autoconfigure;

import java.util.List;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;

/**
 * {@link ApplicationListener} that warns when each of several workers has a database of
 * its own in its memory. It looks at addresses only: to connect might take long.
 */
final class MemoryDatabaseWarning implements ApplicationListener<ApplicationReadyEvent> {

	private static final List<String> IN_MEMORY = List.of("jdbc:h2:mem:", "jdbc:hsqldb:mem:", "jdbc:derby:memory:",
			"jdbc:sqlite::memory:");

	/**
	 * What pools and drivers call the address.
	 */
	private static final List<String> PROPERTIES = List.of("jdbcUrl", "url", "URL");

	private static final String EMBEDDED = "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase";

	private final ConfigurableListableBeanFactory beanFactory;

	private final StateWarnings warnings;

	MemoryDatabaseWarning(ConfigurableListableBeanFactory beanFactory, StateWarnings warnings) {
		this.beanFactory = beanFactory;
		this.warnings = warnings;
	}

	@Override
	public void onApplicationEvent(ApplicationReadyEvent event) {
		if (!this.warnings.matter()) {
			return;
		}
		for (String name : this.beanFactory.getBeanNamesForType(DataSource.class, false, false)) {
			String database = this.beanFactory.containsSingleton(name) ? inMemory(this.beanFactory.getBean(name))
					: null;
			if (database != null) {
				this.warnings.warn("database", ("Every worker has a database of its own in its memory (%s of bean "
						+ "'%s'): what one writes the others do not see, and it ends with its worker, at a reload too. "
						+ "Use a database server, or a file with H2's AUTO_SERVER=TRUE, unless nothing is written")
					.formatted(database, name));
			}
		}
	}

	/**
	 * Return the address of a database in memory.
	 * @return the address, or {@code null} if the data source is not known to be one
	 */
	static @Nullable String inMemory(Object dataSource) {
		BeanWrapper properties = PropertyAccessorFactory.forBeanPropertyAccess(dataSource);
		for (String property : PROPERTIES) {
			try {
				if (properties.isReadableProperty(property)
						&& properties.getPropertyValue(property) instanceof String url
						&& IN_MEMORY.stream().anyMatch(url::startsWith)) {
					// Options and credentials are nobody's business
					return url.split("[;?]", 2)[0];
				}
			}
			catch (BeansException ex) {
				// One that does not tell
			}
		}
		return isEmbedded(dataSource.getClass()) ? "an embedded one" : null;
	}

	private static boolean isEmbedded(@Nullable Class<?> type) {
		for (Class<?> current = type; current != null; current = current.getSuperclass()) {
			for (Class<?> implemented : current.getInterfaces()) {
				if (implemented.getName().equals(EMBEDDED)) {
					return true;
				}
			}
		}
		return false;
	}

}
