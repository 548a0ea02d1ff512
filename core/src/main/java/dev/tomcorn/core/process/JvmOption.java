package dev.tomcorn.core.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * An option of a JVM and its source. An environment variable applies to every JVM that
 * inherits it, the command line with its argument files to one.
 *
 * @param text the option as the JVM reports it
 * @param variable the environment variable that contains it, directly or in a file, or
 * {@code null} if it is from the command line
 * @param visible whether it is on the command line itself
 */
public record JvmOption(String text, @Nullable String variable, boolean visible) {

	private static final String TOOL_OPTIONS = "JAVA_TOOL_OPTIONS";

	private static final String LAUNCHER_OPTIONS = "JDK_JAVA_OPTIONS";

	private static final String LAST_OPTIONS = "_JAVA_OPTIONS";

	private static final List<String> FILES = List.of("@", "-XX:VMOptionsFile=", "-XX:Flags=");

	/**
	 * Return the options of a JVM with their sources. A JVM reports them in the order of
	 * {@code JAVA_TOOL_OPTIONS}, {@code JDK_JAVA_OPTIONS}, the command line and
	 * {@code _JAVA_OPTIONS}, without those that only its launcher reads.
	 * @param reported the options as the JVM reports them
	 * @param environment its environment variables
	 * @param commandLine the words that started it, if the system provides them
	 * @return the options, in the same order
	 */
	public static List<JvmOption> of(List<String> reported, Map<String, String> environment, List<String> commandLine) {
		return of(reported, environment, commandLine, JavaCommandLine::read);
	}

	static List<JvmOption> of(List<String> reported, Map<String, String> environment, List<String> commandLine,
			Function<String, @Nullable String> files) {
		List<JvmOption> given = new ArrayList<>();
		add(given, words(environment, TOOL_OPTIONS).map(CommandWord::hidden).toList(), TOOL_OPTIONS);
		List<String> launcher = Stream.concat(Stream.of("java"), words(environment, LAUNCHER_OPTIONS)).toList();
		add(given, JavaCommandLine.options(launcher, files), LAUNCHER_OPTIONS);
		add(given, JavaCommandLine.options(commandLine, files), null);
		add(given, words(environment, LAST_OPTIONS).map(CommandWord::hidden).toList(), LAST_OPTIONS);
		String ofOtherFiles = variableOfOtherFiles(given);
		List<JvmOption> options = new ArrayList<>();
		int next = 0;
		for (String text : reported) {
			int found = find(text, given, next);
			if (found >= 0) {
				next = found + 1;
			}
			else {
				found = find(text, given, 0);
			}
			options.add((found >= 0) ? given.get(found) : new JvmOption(text, ofOtherFiles, false));
		}
		return options;
	}

	private static Stream<String> words(Map<String, String> environment, String variable) {
		return JvmOptions.split(environment.getOrDefault(variable, "")).stream();
	}

	/**
	 * Add options. The launcher joins some pairs of words, so each pair of adjacent words
	 * is added, too.
	 */
	private static void add(List<JvmOption> given, List<CommandWord> words, @Nullable String variable) {
		CommandWord before = null;
		for (CommandWord word : words) {
			boolean visible = variable == null && word.visible();
			if (before != null && before.text().startsWith("--")) {
				given.add(new JvmOption(before.text() + "=" + word.text(), variable, visible));
			}
			given.add(new JvmOption(word.text(), variable, visible));
			before = word;
		}
	}

	private static int find(String text, List<JvmOption> given, int from) {
		for (int index = from; index < given.size(); index++) {
			if (given.get(index).text().equals(text)) {
				return index;
			}
		}
		return -1;
	}

	/**
	 * Return the variable whose options are not found anywhere: they come from a file
	 * that only the JVM reads, or that is gone.
	 */
	private static @Nullable String variableOfOtherFiles(List<JvmOption> given) {
		List<JvmOption> naming = given.stream()
			.filter((option) -> FILES.stream().anyMatch(option.text()::startsWith))
			.toList();
		boolean commandLine = naming.isEmpty() || naming.stream().anyMatch((option) -> option.variable() == null);
		return commandLine ? null : naming.getFirst().variable();
	}

}
