package dev.tomcorn.it;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The answer of {@code GET /actuator/prometheus}.
 *
 * @param samples values by name and labels, as they are written
 * @param cumulative those of them that only ever grow
 */
record Scrape(SortedMap<String, Double> samples, SortedMap<String, Double> cumulative) {

	static Scrape of(DemoProcess app) {
		return parse(app.get("/actuator/prometheus"));
	}

	private static Scrape parse(String text) {
		SortedMap<String, Double> samples = new TreeMap<>();
		SortedMap<String, Double> cumulative = new TreeMap<>();
		Map<String, String> types = new HashMap<>();
		for (String line : text.lines().toList()) {
			if (line.startsWith("# TYPE ")) {
				String[] parts = line.split(" ");
				types.put(parts[2], parts[3]);
			}
			else if (!line.startsWith("#")) {
				int separator = line.lastIndexOf(' ');
				String series = line.substring(0, separator);
				double value = Double.parseDouble(line.substring(separator + 1));
				samples.put(series, value);
				if (isCumulative(series.split("\\{", 2)[0], types)) {
					cumulative.put(series, value);
				}
			}
		}
		return new Scrape(samples, cumulative);
	}

	/**
	 * Micrometer's metric of tasks that run now has the type of a summary, but goes up
	 * and down.
	 */
	private static boolean isCumulative(String name, Map<String, String> types) {
		if ("counter".equals(types.get(name))) {
			return true;
		}
		return Stream.of("_bucket", "_count", "_sum")
			.filter(name::endsWith)
			.map((suffix) -> name.substring(0, name.length() - suffix.length()))
			.filter((base) -> !base.endsWith("_active_seconds"))
			.anyMatch((base) -> types.containsKey(base) && !types.get(base).equals("gauge"));
	}

	/**
	 * Return the value of a series.
	 */
	double value(String series) {
		return this.samples.getOrDefault(series, Double.NaN);
	}

	/**
	 * Return the sum over the series of a name that have some labels.
	 */
	double sum(String name, String... labels) {
		return this.samples.entrySet()
			.stream()
			.filter((sample) -> sample.getKey().equals(name) || sample.getKey().startsWith(name + "{"))
			.filter((sample) -> Stream.of(labels).allMatch(sample.getKey()::contains))
			.mapToDouble(Map.Entry::getValue)
			.sum();
	}

}
