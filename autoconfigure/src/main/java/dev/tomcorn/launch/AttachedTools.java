package dev.tomcorn.launch;

import java.util.List;
import java.util.regex.Pattern;

import dev.tomcorn.core.process.JvmOption;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes debuggers and profilers that attach to one JVM. That JVM should then run the
 * application itself.
 */
final class AttachedTools {

	private static final Pattern DEBUGGER = Pattern.compile(
			"-agentlib:jdwp\\b.*|-agentpath:[^=]*\\bjdwp\\b.*|-agentpath:[^=]*libjdwp.*|-Xrunjdwp\\b.*",
			Pattern.DOTALL);

	private static final Pattern PROFILER = Pattern
		.compile("-agentpath:[^=]*(?:asyncProfiler|async-profiler|jprofilerti|yjpagent|profilerinterface).*"
				+ "|-agentlib:(?:asyncProfiler|jprofilerti|yjpagent|profilerinterface)\\b.*"
				+ "|-javaagent:[^=]*(?:intellij-coverage-agent|coverage-agent)[^=]*\\.jar.*", Pattern.DOTALL);

	/**
	 * Placeholders that give each JVM a file of its own.
	 */
	private static final Pattern DISTINCT = Pattern.compile(".*(?:\\{worker|%p).*", Pattern.DOTALL);

	private static final String DEBUG_WORKER = "tomcorn.jvm-options=-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,"
			+ "address=127.0.0.1:{worker+5005}";

	private AttachedTools() {
	}

	/**
	 * Find a tool that the command line attaches to this JVM.
	 */
	static @Nullable Obstacle onCommandLine(List<JvmOption> options) {
		List<String> typed = options.stream()
			.filter((option) -> option.variable() == null)
			.map(JvmOption::text)
			.toList();
		for (String option : typed) {
			if (DEBUGGER.matcher(option).matches()) {
				return Obstacle.tool("the command line attaches a debugger (%s)".formatted(name(option)),
						"To debug one worker of a fleet, remove that option and set " + DEBUG_WORKER);
			}
		}
		for (String option : typed) {
			if (PROFILER.matcher(option).matches() && !DISTINCT.matcher(option).matches()) {
				return Obstacle.tool("the command line attaches a profiler (%s)".formatted(name(option)),
						"To profile the workers of a fleet, set tomcorn.jvm-options to that option, with {worker} "
								+ "in the name of its file or {worker+8849} as its port");
			}
		}
		return null;
	}

	/**
	 * Find a debugger that an environment variable attaches to an arbiter. Such a
	 * variable applies to every JVM that inherits it, and the fleet must start all the
	 * same.
	 * @return the message to log, or {@code null}
	 */
	static @Nullable String inArbiter(List<JvmOption> options) {
		for (JvmOption option : options) {
			if (option.variable() != null && DEBUGGER.matcher(option.text()).matches()) {
				return "The debug agent of %s serves the arbiter only, which runs no application code. "
					.formatted(option.variable()) + "To debug one worker, set " + DEBUG_WORKER;
			}
		}
		return null;
	}

	/**
	 * Return the agent without its options, which may contain secrets.
	 */
	private static String name(String option) {
		if (option.startsWith("-Xrunjdwp")) {
			return "-Xrunjdwp";
		}
		int options = option.indexOf('=');
		return (options < 0) ? option : option.substring(0, options);
	}

}
