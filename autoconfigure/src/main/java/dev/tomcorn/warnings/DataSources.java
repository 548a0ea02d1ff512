package dev.tomcorn.warnings;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * What can be told of a data source without a connection.
 */
final class DataSources {

	static final String EMBEDDED = "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase";

	/**
	 * What pools and drivers call the address.
	 */
	private static final List<String> PROPERTIES = List.of("jdbcUrl", "url", "URL");

	private DataSources() {
	}

	/**
	 * Return the address of a data source's database.
	 * @param dataSource the data source
	 * @return the address, or {@code null} if the data source does not tell
	 */
	static @Nullable String address(Object dataSource) {
		for (String property : PROPERTIES) {
			if (ApplicationFacts.value(dataSource, property) instanceof String url) {
				return url;
			}
		}
		return null;
	}

}
