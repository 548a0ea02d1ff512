package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.tomcorn.core.ChildJvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JavaHeap}.
 */
@Isolated("It sets options of this JVM")
class JavaHeapTests {

	private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

	/**
	 * It has to see the options before this test sets them.
	 */
	@BeforeAll
	static void initialize() {
		JavaHeap.giveBack();
	}

	@AfterEach
	void defaults() {
		set("70", "40");
	}

	@Test
	void littleIsKeptFreeOnceOrFromNowOnUnlessTheUserHasSetHowMuch() {
		JavaHeap.giveBack();
		assertThat(value("MinHeapFreeRatio")).isEqualTo("40");
		assertThat(value("MaxHeapFreeRatio")).isEqualTo("70");
		set("50", "30");
		JavaHeap.giveBack();
		JavaHeap.keepLittle();
		assertThat(value("MinHeapFreeRatio")).isEqualTo("30");
		assertThat(value("MaxHeapFreeRatio")).isEqualTo("50");
		defaults();
		JavaHeap.keepLittle();
		assertThat(value("MinHeapFreeRatio")).isEqualTo("10");
		assertThat(value("MaxHeapFreeRatio")).isEqualTo("20");
	}

	@Test
	void byDefaultTheSerialCollectorReturnsMemoryInSteps() {
		assertThat(JavaHeap.shrinksAtOnce()).isFalse();
	}

	@Test
	void serialCollectorReturnsWhatIsFreeAtOnce() throws Exception {
		Process process = new ProcessBuilder(ChildJvm.command(Filled.class, "-XX:TieredStopAtLevel=1",
				"-XX:+UseSerialGC", "-XX:-ShrinkHeapInSteps", "-XX:InitialHeapSize=56m", "-Xmx300m"))
			.redirectErrorStream(true)
			.start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as(output).isZero();
			List<Integer> megabytes = output.lines().map(Integer::valueOf).toList();
			assertThat(megabytes.getFirst()).isGreaterThan(180);
			// By default 70 percent may stay free, which is more than all
			assertThat(megabytes.getLast()).isBetween(60, 130);
		}
		finally {
			ChildJvm.end(process);
		}
	}

	/**
	 * Prints the size of its heap in megabytes before and after it gives memory back.
	 */
	static final class Filled {

		public static void main(String[] args) {
			List<byte[]> kept = new ArrayList<>();
			for (int i = 0; i < 180; i++) {
				kept.add(new byte[1 << 20]);
			}
			print(kept.size());
			kept.subList(60, kept.size()).clear();
			JavaHeap.giveBack();
			print(JavaHeap.shrinksAtOnce() ? kept.size() : -1);
		}

		private static void print(int kept) {
			System.out.println((kept >= 0) ? Runtime.getRuntime().totalMemory() >> 20 : -1);
		}

	}

	private String value(String option) {
		return this.jvm.getVMOption(option).getValue();
	}

	private void set(String most, String least) {
		this.jvm.setVMOption("MaxHeapFreeRatio", most);
		this.jvm.setVMOption("MinHeapFreeRatio", least);
	}

}
