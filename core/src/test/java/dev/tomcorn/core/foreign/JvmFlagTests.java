package dev.tomcorn.core.foreign;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JvmFlag}.
 */
@Isolated("It sets a flag of this JVM")
class JvmFlagTests {

	private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

	@Test
	void flagHasTheValueThatTheJvmReports() {
		Set<String> numbers = Set.of("TieredStopAtLevel", "ReservedCodeCacheSize", "MaxHeapSize");
		Map<String, JvmFlag> flags = JvmFlag.find(numbers);
		assertThat(flags).containsOnlyKeys(numbers);
		numbers
			.forEach((name) -> assertThat(flags.get(name).number()).as(name).isEqualTo(Long.parseLong(reported(name))));
		for (String name : List.of("UseSerialGC", "UseCompressedOops", "TieredCompilation")) {
			assertThat(flag(name).isOn()).as(name).isEqualTo(Boolean.parseBoolean(reported(name)));
		}
		assertThat(flag("CompilationMode").text()).isEqualTo(reported("CompilationMode")).isNotEmpty();
		assertThat(flag("HeapDumpPath").text()).isEqualTo(reported("HeapDumpPath")).isEmpty();
	}

	@Test
	void valueThatIsSetIsTheValueOfTheJvm() {
		JvmFlag level = flag("TieredStopAtLevel");
		long before = level.number();
		long other = (before == 2) ? 3 : 2;
		level.set(other);
		try {
			assertThat(reported("TieredStopAtLevel")).isEqualTo(Long.toString(other));
		}
		finally {
			level.set(before);
		}
		assertThat(reported("TieredStopAtLevel")).isEqualTo(Long.toString(before));
	}

	@Test
	void flagThatDoesNotExistIsNotFound() {
		assertThat(JvmFlag.find(Set.of("TieredStopAtLevels", "TieredStop", "NoSuchFlag"))).isEmpty();
	}

	private JvmFlag flag(String name) {
		return JvmFlag.find(Set.of(name)).get(name);
	}

	private String reported(String name) {
		return this.jvm.getVMOption(name).getValue();
	}

}
