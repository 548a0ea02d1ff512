package dev.tomcorn.it;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The queries of a Grafana dashboard, as Grafana sends them when everything is selected.
 *
 * @param panels those of the panels
 * @param annotations those of the annotations
 * @param variables selectors of the variables
 */
record Dashboard(List<Query> panels, List<Query> annotations, List<Query> variables) {

	private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), (\\w+)\\)");

	private static final Map<String, String> CHOSEN = Map.of("$job", ".*", "$instance", ".*", "$worker", ".*",
			"$__rate_interval", "10m");

	/**
	 * A query.
	 *
	 * @param title title of its panel
	 * @param expression the expression
	 */
	record Query(String title, String expression) {

		Query {
			for (Map.Entry<String, String> variable : CHOSEN.entrySet()) {
				expression = expression.replace(variable.getKey(), variable.getValue());
			}
			assertThat(expression).as(title).doesNotContain("$");
		}

	}

	static Dashboard read(Path file) {
		JsonNode dashboard = new JsonMapper().readTree(file.toFile());
		List<Query> panels = new ArrayList<>();
		List<Integer> ids = new ArrayList<>();
		String row = "";
		for (JsonNode panel : dashboard.get("panels")) {
			ids.add(panel.get("id").asInt());
			String title = panel.get("title").asString();
			if (panel.get("type").asString().equals("row")) {
				row = title;
				continue;
			}
			for (JsonNode target : panel.get("targets")) {
				panels.add(query(row + " / " + title, target, target.get("expr").asString()));
			}
		}
		assertThat(ids).doesNotHaveDuplicates();
		List<Query> annotations = new ArrayList<>();
		for (JsonNode annotation : dashboard.get("annotations").get("list")) {
			if (annotation.has("expr")) {
				annotations
					.add(query(annotation.get("name").asString(), annotation, annotation.get("expr").asString()));
			}
		}
		List<Query> variables = new ArrayList<>();
		for (JsonNode variable : dashboard.get("templating").get("list")) {
			if (variable.get("type").asString().equals("query")) {
				Matcher values = LABEL_VALUES.matcher(variable.get("definition").asString());
				assertThat(values.matches()).as(variable.toString()).isTrue();
				variables.add(query(variable.get("name").asString(), variable,
						"count by (%s) (%s)".formatted(values.group(2), values.group(1))));
			}
		}
		return new Dashboard(panels, annotations, variables);
	}

	private static Query query(String title, JsonNode holder, String expression) {
		assertThat(holder.get("datasource").get("uid").asString()).as(title).isEqualTo("${datasource}");
		return new Query(title, expression);
	}

}
