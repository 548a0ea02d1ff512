package dev.tomcorn.core.process;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The user's JVM options as a worker gets them. Options that two JVMs cannot share, such
 * as a debug agent's port or a log file, are left out, unless they tell the workers apart
 * by a {@code {worker}} placeholder or by the JVM's own {@code %p}.
 *
 * @param kept what every worker gets
 * @param left what no worker gets
 */
public record JvmOptions(List<String> kept, List<String> left) {

	/**
	 * Stands for the worker's index in an option.
	 */
	public static final String PLACEHOLDER = "{worker}";

	private static final Pattern NOT_SHARED = Pattern
		.compile("-agentlib:jdwp.*|-Xrunjdwp.*|-Xdebug" + "|-Dcom\\.sun\\.management\\.jmxremote\\.(rmi\\.)?port=.*"
				+ "|-XX:AOTCacheOutput=.*|-XX:AOTMode=record|-XX:AOTConfiguration=.*|-XX:ArchiveClassesAtExit=.*"
				+ "|-XX:StartFlightRecording.*|-XX:FlightRecorderOptions.*"
				+ "|-Xlog:[^:]*:(?!(stdout|stderr)?(:|\\z)).*|-Xloggc:.*|-XX:LogFile=.*", Pattern.DOTALL);

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
			(distinct || !NOT_SHARED.matcher(argument).matches() ? kept : left).add(argument);
		}
		return new JvmOptions(kept, left);
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
	 * Return the options of one worker.
	 * @param index the worker's index
	 * @return the options, without placeholders
	 */
	public List<String> forWorker(int index) {
		return this.kept.stream().map((option) -> option.replace(PLACEHOLDER, Integer.toString(index))).toList();
	}

}
