package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The user's JVM options as a worker gets them. Names of files that the JVM writes
 * contain the worker's label, and an archive of classes may be out of date. Options that
 * two JVMs cannot share, such as a debug agent's port, are left out, unless they have a
 * placeholder or the JVM's own {@code %p}. The placeholder {@code {worker}} stands for an
 * index, or in the name of a file for the label, and {@code {worker+9000}} for 9000 plus
 * the index.
 *
 * @param kept options that every worker gets
 * @param left options that no worker gets
 */
public record JvmOptions(List<CommandWord> kept, List<String> left) {

	private static final Pattern PLACEHOLDER = Pattern.compile("\\{worker(?:\\+(?<base>\\d{1,9}))?}");

	private static final Pattern NOT_SHARED = Pattern.compile(
			"-agentlib:jdwp.*|-Xrunjdwp.*|-Xdebug" + "|-Dcom\\.sun\\.management\\.jmxremote\\.(rmi\\.)?port=.*"
					+ "|-XX:AOTCacheOutput=.*|-XX:AOTMode=record|-XX:AOTConfiguration=.*|-XX:ArchiveClassesAtExit=.*",
			Pattern.DOTALL);

	/**
	 * Agents that an IDE attaches to the one JVM that it starts.
	 */
	private static final Pattern TOOL = Pattern.compile("-javaagent:.*[/\\\\](idea_rt|debugger-agent)\\.jar([=:].*)?",
			Pattern.DOTALL);

	/**
	 * Options that name a file which the JVM writes. A flight recorder's repository is
	 * not among them: each JVM has a directory of its own in it.
	 */
	private static final Pattern FILE = Pattern.compile(
			"(?:-Xlog:[^:]*:(?!(?:stdout|stderr)?(?::|\\z))(?:file=)?|-Xloggc:|-XX:LogFile="
					+ "|-XX:StartFlightRecording[:=](?:.*,)?filename=)\"?(?<name>(?<=\")[^\"]*|[^:,\"]*).*",
			Pattern.DOTALL);

	/**
	 * Options that end a JVM if it cannot use its archive of classes, for example after
	 * an update of Java, each with the option that lets it boot without.
	 */
	private static final Map<String, String> DEMANDS = Map.of("-XX:AOTMode=on", "-XX:AOTMode=auto", "-Xshare:on",
			"-Xshare:auto");

	private static final String NATIVE_ACCESS = "--enable-native-access=";

	private static final Pattern HEAP_SIZE = Pattern
		.compile("-Xmx.*|-XX:MaxHeapSize=.*|-Xms.*|-XX:InitialHeapSize=.*|-XX:\\+AggressiveHeap");

	private static final Pattern OUT_OF_MEMORY = Pattern
		.compile("-XX:[+-](ExitOnOutOfMemoryError|CrashOnOutOfMemoryError)|-XX:OnOutOfMemoryError=.*", Pattern.DOTALL);

	public JvmOptions {
		kept = List.copyOf(kept);
		left = List.copyOf(left);
	}

	/**
	 * Sort the options of this JVM. The JVM reports them in its own order, in which later
	 * ones win: those of {@code JAVA_TOOL_OPTIONS}, of {@code JDK_JAVA_OPTIONS}, of the
	 * command line, and of {@code _JAVA_OPTIONS}. Only the third are visible.
	 * @return the options
	 */
	static JvmOptions ofThisJvm() {
		return of(JvmOption
			.of(ManagementFactory.getRuntimeMXBean().getInputArguments(), System.getenv(), ArbiterCommand.wordsIfTold())
			.stream()
			.map((option) -> new CommandWord(option.text(), option.visible()))
			.toList());
	}

	/**
	 * Sort options.
	 * @param inputArguments the options as the JVM reports them
	 * @return the options
	 */
	static JvmOptions of(List<CommandWord> inputArguments) {
		List<CommandWord> kept = new ArrayList<>();
		List<String> left = new ArrayList<>();
		for (CommandWord argument : inputArguments) {
			String text = argument.text();
			if (TOOL.matcher(text).matches()) {
				continue;
			}
			if (!isDistinct(text) && NOT_SHARED.matcher(text).matches()) {
				left.add(text);
			}
			else {
				kept.add(forEveryWorker(argument));
			}
		}
		return new JvmOptions(kept, left);
	}

	/**
	 * Return these options followed by others, which every worker gets outside its
	 * visible command line.
	 * @param more the others
	 * @return all options
	 */
	JvmOptions and(List<String> more) {
		List<CommandWord> all = new ArrayList<>(this.kept);
		more.forEach((option) -> all.add(forEveryWorker(CommandWord.hidden(option))));
		return new JvmOptions(all, this.left);
	}

	private static CommandWord forEveryWorker(CommandWord option) {
		String text = DEMANDS.getOrDefault(option.text(), option.text());
		return new CommandWord(isDistinct(text) ? text : withPlaceholder(text), option.visible());
	}

	private static boolean isDistinct(String option) {
		return PLACEHOLDER.matcher(option).find() || option.contains("%p");
	}

	private static String withPlaceholder(String argument) {
		Matcher file = FILE.matcher(argument);
		if (!file.matches() || isDirectory(file.group("name"))) {
			return argument;
		}
		return argument.substring(0, file.start("name")) + WorkerLabel.mark(file.group("name"))
				+ argument.substring(file.end("name"));
	}

	/**
	 * For a directory, the flight recorder generates a name with the process id.
	 */
	private static boolean isDirectory(String name) {
		try {
			return name.isEmpty() || Files.isDirectory(Path.of(name));
		}
		catch (InvalidPathException ex) {
			return false;
		}
	}

	/**
	 * Return whether the user chose a heap size, so that each worker gets that.
	 * @return whether there is an option that sets a size; a percentage sets none
	 */
	public boolean setHeapSize() {
		return has(HEAP_SIZE);
	}

	/**
	 * Return whether the user chose what happens when memory runs out.
	 * @return whether there is an option that says so
	 */
	public boolean handleOutOfMemory() {
		return has(OUT_OF_MEMORY);
	}

	/**
	 * Return whether the user gave an AOT cache or an archive of classes, which a JVM
	 * refuses if its module options differ from those of the one that wrote it.
	 * @return whether there is an option that names one to use
	 */
	boolean useAotCache() {
		return texts()
			.anyMatch((option) -> option.startsWith("-XX:AOTCache=") || option.startsWith("-XX:SharedArchiveFile="));
	}

	/**
	 * Return whether the user permits native access to everything on the class path.
	 * @return whether there is an option that does
	 */
	boolean permitNativeAccess() {
		return texts()
			.anyMatch((option) -> option.startsWith(NATIVE_ACCESS) && option.contains(LaunchPlan.ALL_UNNAMED));
	}

	/**
	 * Split a line of options.
	 * @param line words between white space; single or double quotes keep it
	 * @return the options
	 */
	public static List<String> split(String line) {
		return ArgumentFile.options(line);
	}

	/**
	 * Return whether there is an option of a kind.
	 * @param kind the pattern of such an option
	 */
	boolean has(Pattern kind) {
		return texts().anyMatch((option) -> kind.matcher(option).matches());
	}

	/**
	 * Return the largest heap that these options set.
	 * @return the size in bytes, or {@link HeapSize#NONE} if they set none
	 */
	long maxHeap() {
		return texts().mapToLong(HeapSize::of)
			.filter((size) -> size != HeapSize.NONE)
			.reduce((first, last) -> last)
			.orElse(HeapSize.NONE);
	}

	private Stream<String> texts() {
		return this.kept.stream().map(CommandWord::text);
	}

	/**
	 * Return the agents among the options.
	 * @return the options that name them
	 */
	List<String> agents() {
		return texts().filter((option) -> option.startsWith("-javaagent:") || option.startsWith("-agent")).toList();
	}

	/**
	 * Return the options of one worker.
	 * @param label the worker's label
	 * @param optionIndex what stands for {@code {worker}}
	 * @return the options, without placeholders
	 */
	List<CommandWord> forWorker(WorkerLabel label, int optionIndex) {
		return this.kept.stream()
			.map((option) -> new CommandWord(forWorker(option.text(), label, optionIndex), option.visible()))
			.toList();
	}

	private static String forWorker(String option, WorkerLabel label, int optionIndex) {
		boolean file = FILE.matcher(option).matches();
		return PLACEHOLDER.matcher(option).replaceAll((placeholder) -> {
			String base = placeholder.group("base");
			return (base != null) ? Long.toString(Long.parseLong(base) + optionIndex)
					: file ? label.toString() : Integer.toString(optionIndex);
		});
	}

}
