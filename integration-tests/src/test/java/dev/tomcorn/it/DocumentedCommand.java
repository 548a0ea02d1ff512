package dev.tomcorn.it;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A command that the documentation shows.
 *
 * @param where the page and the line
 * @param text the command as it is there, which may have several lines
 */
record DocumentedCommand(String where, String text) {

	private static final String PROMPT = "$ ";

	private static final String CONTINUED = "\\";

	private static final Pattern COMMENT = Pattern.compile("\\s+#\\s[^'\"]*$");

	private static final Pattern SERVER = Pattern.compile("(\\w+=\\S+ +)*java\\b.* -jar +\\S+\\.jar\\b.*",
			Pattern.DOTALL);

	private static final Pattern ENDS_BY_ITSELF = Pattern.compile("-Djarmode=|-XX:AOTCacheOutput=|=onRefresh");

	private static final Pattern FLEET = Pattern.compile("(localhost|127\\.0\\.0\\.1):808\\d|-Djarmode=tomcorn");

	private static final Pattern SCALING = Pattern.compile("app\\.jar scale\\b|\"scale\"");

	private static final Pattern STOP = Pattern.compile("app\\.jar stop\\b");

	private static final Pattern OWN_OPINION = Pattern.compile("\\$\\?|\\|\\|");

	/**
	 * Commands that only a build, a person or a whole machine can run.
	 */
	private static final Pattern NOT_ON_STAGE = Pattern.compile(
			"(\\./mvnw|\\./gradlew|git|cd|docker|kubectl|systemctl|sudo|apt|apt-get|benchmarks/run\\.sh|pkill|killall"
					+ "|wget|promtool)\\b.*|.*\\b(pgrep|pidof)\\b.*",
			Pattern.DOTALL);

	/**
	 * Return the commands of a page: the lines of {@code sh} blocks except comments, and
	 * the lines of {@code console} blocks that have a prompt.
	 */
	static List<DocumentedCommand> of(MarkdownPage page) {
		List<DocumentedCommand> commands = new ArrayList<>();
		for (MarkdownPage.Fence fence : page.fences()) {
			boolean session = fence.language().equals("console");
			if (!session && !fence.language().equals("sh")) {
				continue;
			}
			int number = fence.line();
			for (Iterator<String> lines = fence.lines().iterator(); lines.hasNext();) {
				String line = lines.next();
				int first = ++number;
				if (session ? !line.startsWith(PROMPT) : (line.isBlank() || line.startsWith("#"))) {
					continue;
				}
				StringBuilder text = new StringBuilder(session ? line.substring(PROMPT.length()) : line);
				while (line.endsWith(CONTINUED) && lines.hasNext()) {
					line = lines.next();
					number++;
					text.append('\n').append(line);
				}
				commands.add(new DocumentedCommand(MarkdownPage.at(page.file(), first), text.toString()));
			}
		}
		return commands;
	}

	/**
	 * Return the command in one line, without a comment.
	 */
	String oneLine() {
		return COMMENT.matcher(this.text.replaceAll("\\\\\n\\s*", "")).replaceFirst("").strip();
	}

	/**
	 * Return whether it starts an application that goes on until it is stopped.
	 */
	boolean startsServer() {
		return SERVER.matcher(this.text).matches() && !ENDS_BY_ITSELF.matcher(this.text).find();
	}

	/**
	 * Return whether it is about an application that already runs.
	 */
	boolean needsFleet() {
		return FLEET.matcher(this.text).find();
	}

	/**
	 * Return whether the application may have another number of workers afterwards.
	 */
	boolean scales() {
		return SCALING.matcher(this.text).find();
	}

	/**
	 * Return whether the application has ended afterwards.
	 */
	boolean stops() {
		return STOP.matcher(this.text).find();
	}

	/**
	 * Return whether it handles a failure itself.
	 */
	boolean expectsFailure() {
		return OWN_OPINION.matcher(this.text).find();
	}

	boolean runsOnStage() {
		return !NOT_ON_STAGE.matcher(this.text).matches();
	}

	@Override
	public String toString() {
		return this.where + ": " + oneLine();
	}

}
