package dev.tomcorn.core.release;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CacheKey}.
 */
class CacheKeyTests {

	private static final List<String> OPTIONS = List.of("-XX:+UseSerialGC", "--add-modules=jdk.net");

	private static String with(String option) {
		return CacheKey.of(List.of(OPTIONS.get(0), OPTIONS.get(1), option));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:+UseZGC", "-XX:-UseCompactObjectHeaders", "-XX:-UseCompressedOops",
			"--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED", "-Djava.io.tmpdir=/x",
			"-Djdk.module.illegalAccess=deny", "-XX:TieredStopAtLevel=1" })
	void optionThatMattersMakesAnotherKey(String option) {
		assertThat(with(option)).isNotEqualTo(CacheKey.of(OPTIONS));
	}

	/**
	 * Each deployment and each worker may have another one.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "-Xmx300m", "-Xms10m", "-Dversion=1", "-Xlog:gc:file=gc-{worker}.log", "-Xss1m",
			"-XX:MaxRAMPercentage=50", "-XX:InitialRAMPercentage=0.4", "-XX:TrimNativeHeapInterval=5000",
			"-XX:-ShrinkHeapInSteps", "-XX:+ExitOnOutOfMemoryError", "-XX:HeapDumpPath=/x",
			"-XX:CompileCommandFile=compile-{worker}", "-Dcom.sun.management.jmxremote.port={worker+9010}",
			"-XX:StartFlightRecording=filename=a-{worker}.jfr" })
	void optionThatDoesNotMatterMakesNone(String option) {
		assertThat(with(option)).isEqualTo(CacheKey.of(OPTIONS));
	}

	@Test
	void heapThatIsTooLargeForCompressedPointersMakesNone() {
		assertThat(CacheKey.obstacle(OPTIONS, true)).contains("32 GB");
		for (String option : List.of("-Xmx32g", "-Xmx40960M", "-XX:MaxHeapSize=34359738368", "-Xmx1t")) {
			assertThat(CacheKey.obstacle(List.of(option), false)).as(option).contains("32 GB");
		}
		for (String option : List.of("-Xmx31g", "-Xmx32000m", "-XX:MaxHeapSize=34359738367")) {
			assertThat(CacheKey.obstacle(List.of(option), false)).as(option).isNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:AOTCache=app.aot", "-XX:AOTMode=off", "-XX:SharedArchiveFile=app.jsa", "-Xshare:off",
			"-XX:-UseSharedSpaces", "-javaagent:/opt/otel.jar=a=b", "-agentpath:/opt/profiler.so",
			"-agentlib:jdwp=transport=dt_socket,address={worker+5005}" })
	void ownCachesAndAgentsMakeNone(String option) {
		assertThat(CacheKey.obstacle(OPTIONS, false)).isNull();
		assertThat(CacheKey.obstacle(List.of("-XX:+UseSerialGC", option), false)).isNotNull();
	}

}
