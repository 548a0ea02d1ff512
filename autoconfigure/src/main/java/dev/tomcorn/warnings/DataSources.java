package dev.tomcorn.warnings;

import java.util.List;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Facts about a data source that need no connection.
 */
final class DataSources {

	static final String EMBEDDED = "org.springframework.jdbc.datasource.embedded.EmbeddedDatabase";

	/**
	 * Names of the property with the address in pools and drivers.
	 */
	private static final List<String> PROPERTIES = List.of("jdbcUrl", "url", "URL");

	private static final List<String> IN_MEMORY = List.of("jdbc:h2:mem:", "jdbc:hsqldb:mem:", "jdbc:derby:memory:",
			"jdbc:sqlite::memory:");

	private static final List<String> H2_ELSEWHERE = List.of("tcp:", "ssl:", "zip:");

	private static final List<String> DERBY_ELSEWHERE = List.of("//", "classpath:", "jar:");

	private DataSources() {
	}

	/**
	 * Return the address of a data source's database.
	 * @param dataSource the data source
	 * @return the address, or {@code null} if it is not known
	 */
	static @Nullable String address(Object dataSource) {
		for (String property : PROPERTIES) {
			if (ApplicationFacts.value(dataSource, property) instanceof String url) {
				return url;
			}
		}
		// It may be a proxy, such as one that connects later or counts statements
		Object target = ApplicationFacts.value(dataSource, "targetDataSource");
		return (target != null && target != dataSource) ? address(target) : null;
	}

	/**
	 * Return an address without options and credentials, which must not be logged.
	 */
	static String plain(String address) {
		return address.split("[;?]", 2)[0];
	}

	/**
	 * Return whether a database is in the memory of the process that opens it.
	 * @param address its address
	 */
	static boolean isInMemory(String address) {
		return IN_MEMORY.stream().anyMatch(address::startsWith);
	}

	/**
	 * Return whether an application has a database that its workers share.
	 * @param application the application
	 */
	static boolean isAnyShared(ApplicationFacts application) {
		return application.created("javax.sql.DataSource").anyMatch((bean) -> {
			String address = address(bean.instance());
			return (address != null) ? !isInMemory(address) : !application.isA(bean.instance(), EMBEDDED);
		});
	}

	/**
	 * Return whether a database is in files that only one process can open.
	 * @param address its address
	 */
	static boolean isInFilesOfOneProcess(String address) {
		if (isInMemory(address)) {
			return false;
		}
		String options = address.toUpperCase(Locale.ROOT) + ";";
		if (address.startsWith("jdbc:h2:")) {
			return H2_ELSEWHERE.stream().noneMatch(address.substring("jdbc:h2:".length())::startsWith)
					&& !options.contains(";AUTO_SERVER=TRUE;") && !options.contains(";ACCESS_MODE_DATA=R;");
		}
		if (address.startsWith("jdbc:hsqldb:")) {
			return address.startsWith("jdbc:hsqldb:file:");
		}
		if (address.startsWith("jdbc:derby:")) {
			return DERBY_ELSEWHERE.stream().noneMatch(address.substring("jdbc:derby:".length())::startsWith);
		}
		return address.startsWith("jdbc:duckdb:") && address.length() > "jdbc:duckdb:".length();
	}

}
