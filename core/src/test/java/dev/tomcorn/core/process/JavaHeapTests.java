package dev.tomcorn.core.process;

import java.lang.management.ManagementFactory;

import com.sun.management.HotSpotDiagnosticMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link JavaHeap}.
 */
@Isolated("It sets options of this JVM")
class JavaHeapTests {

	private final HotSpotDiagnosticMXBean jvm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);

	@AfterEach
	void defaults() {
		set("70", "40");
	}

	@Test
	void littleIsKeptFreeOnceOrFromNowOnUnlessTheUserHasSetHowMuch() {
		JavaHeap.giveBack();
		assertThat(value("MinHeapFreeRatio")).isEqualTo("40");
		assertThat(value("MaxHeapFreeRatio")).isEqualTo("70");
		JavaHeap.keepLittle();
		assertThat(value("MinHeapFreeRatio")).isEqualTo("10");
		assertThat(value("MaxHeapFreeRatio")).isEqualTo("20");
		set("50", "30");
		assertThat(JavaHeap.defaultShare()).isNull();
	}

	private String value(String option) {
		return this.jvm.getVMOption(option).getValue();
	}

	private void set(String most, String least) {
		this.jvm.setVMOption("MaxHeapFreeRatio", most);
		this.jvm.setVMOption("MinHeapFreeRatio", least);
	}

}
