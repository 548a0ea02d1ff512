package dev.tomcorn.core.process;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The user's JVM options as a worker gets them. Files that the JVM writes are told apart
 * by the worker's label, and an archive of classes may be out of date. Other options that
 * two JVMs cannot share, such as a debug agent's port, are left out, unless they tell the
 * workers apart by a {@code {worker}} placeholder or by the JVM's own {@code %p}.
 *
 * @param kept what every worker gets
 * @param left what no worker gets
 */
public record JvmOptions(List<String> kept, List<String> left) {

	/**
	 * Stands for the worker's index in an option, and for its label in one that names a
	 * file.
	 */
	private static final String PLACEHOLDER = WorkerLabel.PLACEHOLDER;

	private static final Pattern NOT_SHARED = Pattern.compile(
			"-agentlib:jdwp.*|-Xrunjdwp.*|-Xdebug" + "|-Dcom\\.sun\\.management\\.jmxremote\\.(rmi\\.)?port=.*"
					+ "|-XX:AOTCacheOutput=.*|-XX:AOTMode=record|-XX:AOTConfiguration=.*|-XX:ArchiveClassesAtExit=.*",
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
	 * Options that end a JVM which cannot use an archive of classes, as one of another
	 * build than that which wrote it, and what makes it boot without.
	 */
	private static final Map<String, String> DEMANDS = Map.of("-XX:AOTMode=on", "-XX:AOTMode=auto", "-Xshare:on",
			"-Xshare:auto");

	private static final String NATIVE_ACCESS = "--enable-native-access=";

	private static final Pattern HEAP_SIZE = Pattern.compile("-Xmx.*|-XX:MaxHeapSize=.*|-Xms.*|-XX:InitialHeapSize=.*");

	private static final Pattern OUT_OF_MEMORY = Pattern
		.compile("-XX:[+-](ExitOnOutOfMemoryError|CrashOnOutOfMemoryError)|-XX:OnOutOfMemoryError=.*", Pattern.DOTALL);

	public JvmOptions {
		kept = List.copyOf(kept);
		left = List.copyOf(left);
	}

	/**
	 * Sort the options of this JVM.
	 * @param inputArguments the options as the JVM reports them
	 * @return the options
	 */
	public static JvmOptions of(List<String> inputArguments) {
		List<String> kept = new ArrayList<>();
		List<String> left = new ArrayList<>();
		for (String argument : inputArguments) {
			boolean distinct = argument.contains(PLACEHOLDER) || argument.contains("%p");
			(distinct || !NOT_SHARED.matcher(argument).matches() ? kept : left)
				.add(distinct ? argument : withPlaceholder(DEMANDS.getOrDefault(argument, argument)));
		}
		return new JvmOptions(kept, left);
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
	 * In a directory the flight recorder makes up a name with the process id.
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
		return this.kept.stream().anyMatch((option) -> HEAP_SIZE.matcher(option).matches());
	}

	/**
	 * Return whether the user chose what happens when memory runs out.
	 * @return whether there is an option that says so
	 */
	public boolean handleOutOfMemory() {
		return this.kept.stream().anyMatch((option) -> OUT_OF_MEMORY.matcher(option).matches());
	}

	/**
	 * Return whether the user gave an AOT cache or an archive of classes, which a JVM
	 * refuses that has other module options than the one that wrote it.
	 * @return whether there is an option that names one to use
	 */
	boolean useAotCache() {
		return this.kept.stream()
			.anyMatch((option) -> option.startsWith("-XX:AOTCache=") || option.startsWith("-XX:SharedArchiveFile="));
	}

	/**
	 * Return whether the user permits native access to everything on the class path.
	 * @return whether there is an option that does
	 */
	boolean permitNativeAccess() {
		return this.kept.stream()
			.anyMatch((option) -> option.startsWith(NATIVE_ACCESS) && option.contains(WorkerCommand.ALL_UNNAMED));
	}

	/**
	 * Return the options of one worker.
	 * @param label the worker's label
	 * @return the options, without placeholders
	 */
	public List<String> forWorker(WorkerLabel label) {
		return this.kept.stream().map((option) -> {
			boolean file = FILE.matcher(option).matches();
			return option.replace(PLACEHOLDER, file ? label.toString() : Integer.toString(label.index()));
		}).toList();
	}

}
