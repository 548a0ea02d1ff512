package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EndpointReach} against the table in {@code docs/management.md}.
 */
class EndpointReachTests {

	private static final Map<EndpointReach, String> WORDS = Map.of(EndpointReach.EVERY, "every worker",
			EndpointReach.LEADER, "the leader", EndpointReach.RELOAD, "it reloads");

	@Test
	void guideSaysWhomChangesAreFor() throws IOException {
		String page = Files.readString(Path.of("..", "docs", "management.md"));
		String section = page.substring(page.indexOf("## Which worker answers"));
		List<String[]> rows = section.substring(0, section.indexOf("\n## ", 1))
			.lines()
			.filter((line) -> line.startsWith("| "))
			.map((line) -> line.split("\\|"))
			.toList();
		for (String[] row : rows) {
			Stream.of(row[1].split(",")).map((id) -> id.strip().replace("`", "")).forEach((id) -> {
				String change = row[3].strip();
				String word = WORDS.get(EndpointReach.ofChange(id));
				if (word != null) {
					assertThat(change).as(id).contains(word);
				}
				else {
					assertThat(change).as(id).doesNotContain(WORDS.values());
				}
			});
		}
		assertThat(rows).extracting((row) -> row[1])
			.satisfies((ids) -> EndpointReach.known()
				.keySet()
				.forEach((id) -> assertThat(String.join(" ", ids)).contains("`" + id + "`")));
	}

}
