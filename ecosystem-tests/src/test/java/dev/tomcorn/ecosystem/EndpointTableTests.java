package dev.tomcorn.ecosystem;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the table of endpoints in {@code docs/management.md}.
 */
class EndpointTableTests {

	private static final Pattern ID = Pattern.compile("`([a-z]+)`");

	@Test
	void everyEndpointOfTheLibrariesHasARow() throws Exception {
		Set<String> found = new TreeSet<>();
		Scanner scanner = new Scanner();
		for (String root : new String[] { "org.springframework.boot", "org.springframework.cloud", "dev.tomcorn" }) {
			scanner.findCandidateComponents(root).forEach((candidate) -> found.add(id(candidate)));
		}
		assertThat(found).contains("caches", "env", "flyway", "quartz", "sessions", "refresh", "restart", "pause");
		assertThat(documented()).containsAll(found);
	}

	private static String id(Object candidate) {
		Map<String, Object> attributes = ((AnnotatedBeanDefinition) candidate).getMetadata()
			.getAnnotationAttributes(Endpoint.class.getName());
		return String.valueOf((attributes != null) ? attributes.get("id") : null);
	}

	private static Set<String> documented() throws Exception {
		String page = Files.readString(Path.of("..", "docs", "management.md"));
		String section = page.substring(page.indexOf("## Which worker answers"));
		Set<String> ids = new TreeSet<>();
		section.substring(0, section.indexOf("\n## ", 1))
			.lines()
			.filter((line) -> line.startsWith("| `"))
			.forEach((line) -> ID.matcher(line.split("\\|")[1]).results().forEach((id) -> ids.add(id.group(1))));
		return ids;
	}

	/**
	 * Also finds inner classes.
	 */
	private static final class Scanner extends ClassPathScanningCandidateComponentProvider {

		Scanner() {
			super(false);
			addIncludeFilter(new AnnotationTypeFilter(Endpoint.class, true, true));
		}

		@Override
		protected boolean isCandidateComponent(AnnotatedBeanDefinition definition) {
			return !definition.getMetadata().isAnnotation() && !definition.getBeanClassName().contains("Reactive");
		}

	}

}
