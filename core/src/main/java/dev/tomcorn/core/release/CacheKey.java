package dev.tomcorn.core.release;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

import dev.tomcorn.core.process.HeapSize;
import org.jspecify.annotations.Nullable;

/**
 * Identifies an AOT cache by the build of the JVM and the relevant options. An irrelevant
 * option in the key costs a further cache. If a relevant option is missing, the JVM
 * refuses the cache.
 */
final class CacheKey {

	/**
	 * Version of the format of recordings.
	 */
	private static final String FORMAT = "1";

	private static final int LENGTH = 32;

	/**
	 * Options that neither the archived classes nor their heap depend on. One with a
	 * placeholder differs from worker to worker anyway.
	 */
	private static final Pattern NEUTRAL = Pattern
		.compile("-D(?!java\\.|jdk\\.|sun\\.).*|-X(log|loggc|mx|ms|ss|mn).*|-XX:(Max|Initial|Min)(Heap|RAM)[A-Za-z]*=.*"
				+ "|-XX:[+-](Exit|Crash|HeapDump)OnOutOfMemoryError|-XX:OnOutOfMemoryError=.*|-XX:OnError=.*"
				+ "|-XX:HeapDumpPath=.*|-XX:ErrorFile=.*|-XX:LogFile=.*|-XX:StartFlightRecording.*"
				+ "|-XX:FlightRecorderOptions.*|-XX:NativeMemoryTracking=.*|-XX:[+-]PerfDisableSharedMem"
				+ "|-XX:[+-]UsePerfData|-XX:MaxDirectMemorySize=.*|-XX:TrimNativeHeapInterval=.*"
				+ "|-XX:[+-]ShrinkHeapInSteps|.*\\{worker[^}]*}.*", Pattern.DOTALL);

	private static final Pattern OWN_CACHE = Pattern
		.compile(
				"-XX:(AOT|SharedArchiveFile|SharedClassListFile|ArchiveClassesAtExit|DumpLoadedClassList).*"
						+ "|-XX:[+-](AutoCreateSharedArchive|UseSharedSpaces|AOTClassLinking)|-Xshare:.*",
				Pattern.DOTALL);

	/**
	 * Above this size a JVM uses no compressed pointers, whatever its alignment.
	 */
	private static final long LARGE_HEAP = 32L << 30;

	private static final Pattern AGENT = Pattern.compile("-(javaagent:|agentlib:|agentpath:|Xrun).*|-Xdebug",
			Pattern.DOTALL);

	private CacheKey() {
	}

	/**
	 * Return whether an option is relevant.
	 */
	static boolean isRelevant(String option) {
		return !NEUTRAL.matcher(option).matches();
	}

	/**
	 * Return why workers with these options get no cache, or {@code null} if they do.
	 * @param options all their options
	 * @param large whether their share of the heap is too large for compressed pointers
	 */
	static @Nullable String obstacle(List<String> options, boolean large) {
		if (large || options.stream().anyMatch(CacheKey::isLargeHeap)) {
			return "a JVM with a heap of 32 GB or more has other pointers than the one that creates it";
		}
		for (String option : options) {
			if (OWN_CACHE.matcher(option).matches()) {
				return "of the JVM option " + option;
			}
			if (AGENT.matcher(option).matches()) {
				return "an agent may change classes as they are loaded (%s)".formatted(option.split("=", 2)[0]);
			}
		}
		return null;
	}

	private static boolean isLargeHeap(String option) {
		return HeapSize.of(option) >= LARGE_HEAP;
	}

	/**
	 * Return the key of the cache for workers with some options.
	 * @param options all their options
	 */
	static String of(List<String> options) {
		List<String> parts = new ArrayList<>(List.of(FORMAT));
		for (String property : List.of("java.vm.version", "java.vendor.version", "java.home", "java.vm.name")) {
			parts.add(System.getProperty(property, ""));
		}
		// The JVM chooses one by the machine if the user does not
		ManagementFactory.getGarbageCollectorMXBeans()
			.stream()
			.map(GarbageCollectorMXBean::getName)
			.forEach(parts::add);
		options.stream().filter(CacheKey::isRelevant).forEach(parts::add);
		byte[] digest = JarContent.sha256().digest(String.join("\0", parts).getBytes(StandardCharsets.UTF_8));
		return HexFormat.of().formatHex(digest).substring(0, LENGTH);
	}

}
