package dev.tomcorn.launch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Where the options of a JVM come from. An environment variable concerns every JVM that
 * it reaches, while the command line, argument files included, is about this one.
 *
 * @param typed the options of the command line
 * @param inherited the options of environment variables, with the name of the variable
 */
record JvmOptionSources(List<String> typed, List<Inherited> inherited) {

	private static final List<String> VARIABLES = List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS");

	private static final Pattern WORD = Pattern.compile("(?:[^\\s\"']|\"[^\"]*\"|'[^']*')+");

	/**
	 * An option of an environment variable.
	 *
	 * @param variable the name of the variable
	 * @param option the option
	 */
	record Inherited(String variable, String option) {

	}

	static JvmOptionSources of(RunningJvm jvm) {
		Map<String, List<String>> variables = new LinkedHashMap<>();
		VARIABLES.forEach((name) -> variables.put(name, words(jvm.environment().getOrDefault(name, ""))));
		// Files that a variable names cannot be told from those of the command line
		boolean fileOfVariable = jvm.environment().getOrDefault("JDK_JAVA_OPTIONS", "").contains("@")
				&& jvm.commandLine().stream().noneMatch((word) -> word.startsWith("@") || word.startsWith("-XX:"));
		List<String> typed = new ArrayList<>();
		List<Inherited> inherited = new ArrayList<>();
		for (String option : jvm.options()) {
			String variable = take(option, variables);
			if (variable == null && fileOfVariable && !jvm.commandLine().contains(option)) {
				variable = "JDK_JAVA_OPTIONS";
			}
			if (variable == null) {
				typed.add(option);
			}
			else {
				inherited.add(new Inherited(variable, option));
			}
		}
		return new JvmOptionSources(typed, inherited);
	}

	/**
	 * An option that is in a variable and on the command line is there twice.
	 */
	private static @Nullable String take(String option, Map<String, List<String>> variables) {
		for (Map.Entry<String, List<String>> variable : variables.entrySet()) {
			if (variable.getValue().remove(option)) {
				return variable.getKey();
			}
		}
		return null;
	}

	private static List<String> words(String value) {
		List<String> words = new ArrayList<>();
		Matcher matcher = WORD.matcher(value);
		while (matcher.find()) {
			words.add(matcher.group().replaceAll("[\"']", ""));
		}
		return words;
	}

}
