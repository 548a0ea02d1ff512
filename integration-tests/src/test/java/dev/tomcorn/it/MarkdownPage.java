package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The form of a page of the documentation.
 *
 * @param file its file
 * @param lines its lines
 * @param fences its fenced blocks
 * @param tables its tables
 * @param links the targets of its links and images, anchors included
 * @param anchors the anchors of its headings, by the rules of GitHub
 */
record MarkdownPage(Path file, List<String> lines, List<Fence> fences, List<Table> tables, List<String> links,
		Set<String> anchors) {

	private static final Pattern FENCE = Pattern.compile("^(\\s*)(`{3,}|~{3,})\\s*(\\S*).*$");

	private static final Pattern HEADING = Pattern.compile("^ {0,3}#{1,6}\\s+(.*?)\\s*#*$");

	private static final Pattern LINK = Pattern
		.compile("\\]\\(<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\)|^\\[[^]]+\\]:\\s*(\\S+)|(?:href|src)=\"([^\"]+)\"");

	private static final Pattern ANCHOR = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");

	private static final Pattern CODE = Pattern.compile("(`+)(?!`).+?(?<!`)\\1(?!`)");

	private static final Pattern CELLS = Pattern.compile("(?<!\\\\)\\|");

	/**
	 * A fenced block.
	 *
	 * @param page the page
	 * @param line the line that opens it, from 1
	 * @param language its language, or empty
	 * @param lines its lines
	 */
	record Fence(Path page, int line, String language, List<String> lines) {

		String text() {
			return String.join("\n", this.lines);
		}

		String where() {
			return at(this.page, this.line);
		}

	}

	/**
	 * A table.
	 *
	 * @param header the cells of its header
	 * @param rows its rows
	 */
	record Table(List<String> header, List<Row> rows) {
	}

	/**
	 * A row of a table.
	 *
	 * @param where the page and the line
	 * @param cells its cells
	 */
	record Row(String where, List<String> cells) {
	}

	static MarkdownPage read(Path file) {
		try {
			return parse(file, Files.readAllLines(file));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static MarkdownPage parse(Path file, List<String> lines) {
		List<Fence> fences = new ArrayList<>();
		// Other checks read a line in a block as a blank one
		List<String> prose = new ArrayList<>();
		for (int i = 0; i < lines.size(); i++) {
			Matcher opening = FENCE.matcher(lines.get(i));
			if (!opening.matches()) {
				prose.add(lines.get(i));
				continue;
			}
			int end = i + 1;
			while (!lines.get(end).strip().equals(opening.group(2))) {
				if (++end == lines.size()) {
					throw new IllegalStateException(at(file, i + 1) + ": the block has no end");
				}
			}
			int indentation = opening.group(1).length();
			List<String> content = lines.subList(i + 1, end)
				.stream()
				.map((line) -> line.isBlank() ? "" : line.substring(indentation))
				.toList();
			fences.add(new Fence(file, i + 1, opening.group(3), content));
			for (; i < end; i++) {
				prose.add("");
			}
			prose.add("");
		}
		return new MarkdownPage(file, lines, fences, tables(file, prose), links(prose), anchors(prose));
	}

	private static List<Table> tables(Path file, List<String> prose) {
		List<Table> tables = new ArrayList<>();
		boolean inside = false;
		for (int i = 0; i < prose.size(); i++) {
			boolean row = prose.get(i).startsWith("|");
			if (row && !inside) {
				tables.add(new Table(cells(prose.get(i)), new ArrayList<>()));
				// The line below the header
				i++;
			}
			else if (row) {
				tables.getLast().rows().add(new Row(at(file, i + 1), cells(prose.get(i))));
			}
			inside = row;
		}
		return tables;
	}

	private static List<String> cells(String row) {
		return Stream.of(CELLS.split(row)).skip(1).map(String::strip).toList();
	}

	private static List<String> links(List<String> prose) {
		return prose.stream()
			.map((line) -> CODE.matcher(line).replaceAll(""))
			.flatMap((line) -> LINK.matcher(line).results())
			.map((link) -> Stream.of(link.group(1), link.group(2), link.group(3))
				.filter((group) -> group != null)
				.findFirst()
				.orElseThrow())
			.toList();
	}

	private static Set<String> anchors(List<String> prose) {
		Set<String> anchors = new LinkedHashSet<>();
		Map<String, Integer> seen = new HashMap<>();
		for (String line : prose) {
			ANCHOR.matcher(line).results().forEach((anchor) -> anchors.add(anchor.group(1)));
			Matcher heading = HEADING.matcher(line);
			if (heading.matches()) {
				String anchor = anchor(heading.group(1));
				int before = seen.merge(anchor, 1, Integer::sum) - 1;
				anchors.add((before > 0) ? anchor + "-" + before : anchor);
			}
		}
		return anchors;
	}

	private static String anchor(String heading) {
		return heading.replaceAll("!?\\[([^]]*)\\]\\([^)]*\\)", "$1")
			.toLowerCase(Locale.ROOT)
			.replaceAll("[^\\p{L}\\p{M}\\p{N}\\p{Pc} -]", "")
			.replace(' ', '-');
	}

	static String at(Path file, int line) {
		return Documentation.name(file) + ":" + line;
	}

	@Override
	public String toString() {
		return Documentation.name(this.file);
	}

}
