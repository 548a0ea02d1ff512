package dev.tomcorn.core.foreign;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.NoSuchElementException;

import com.sun.management.ThreadMXBean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link CFunction}.
 */
@EnabledOnOs(OS.LINUX)
class CFunctionTests {

	private static final int EBADF = 9;

	private static final int CALLS = 1000;

	@Test
	void negativeIntIsPassedAndReturned() {
		assertThat(CFunction.of("abs", int.class, int.class).call(-3)).isEqualTo(3);
		assertThat(CFunction.of("close", int.class, int.class).call(-1)).isEqualTo(-1);
		assertThat(CFunction.of("labs", long.class, long.class).call(Long.MIN_VALUE + 1)).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void upperHalfOfAnIntIsIgnored() {
		assertThat(CFunction.of("abs", int.class, int.class).call(0xffffffff00000005L)).isEqualTo(5);
		assertThat(CFunction.of("labs", int.class, long.class).call(0x1fffffffeL)).isEqualTo(-2);
	}

	@Test
	void errorIsStoredWhereTheCallerWantsIt() {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment state = CFunction.callState(arena);
			assertThat(CFunction.of("close", int.class, int.class).call(state, -1)).isEqualTo(-1);
			assertThat(CFunction.errno(state)).isEqualTo(EBADF);
		}
	}

	@Test
	void pointersAndVariableArgumentsArePassedInOrder() {
		CFunction snprintf = CFunction.of("snprintf", int.class, MemorySegment.class, long.class, MemorySegment.class,
				int.class, int.class, MemorySegment.class);
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment text = arena.allocate(100);
			long length = snprintf.call(text.address(), text.byteSize(), arena.allocateFrom("%d %d %s").address(), -7,
					8, arena.allocateFrom("nine").address());
			assertThat(text.getString(0)).isEqualTo("-7 8 nine").hasSize((int) length);
		}
	}

	@Test
	void callAllocatesNoArrayAndNoArena() {
		CFunction close = CFunction.of("close", int.class, int.class);
		MemorySegment state = CFunction.callState(Arena.global());
		ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
		// The JVM links the calls, and the measurement
		allocatedBy(threads, close, state);
		// The JDK makes a slice of the memory for errno, with 40 bytes
		assertThat(allocatedBy(threads, close, state)).isLessThan(2 * CALLS * 64L);
	}

	private static long allocatedBy(ThreadMXBean threads, CFunction close, MemorySegment state) {
		long before = threads.getCurrentThreadAllocatedBytes();
		for (int i = 0; i < CALLS; i++) {
			close.call(-1);
			close.call(state, -1);
		}
		return threads.getCurrentThreadAllocatedBytes() - before;
	}

	@Test
	void functionThatTheLibraryDoesNotHave() {
		assertThat(CFunction.find("tomcorn_none", int.class)).isNull();
		assertThatExceptionOfType(NoSuchElementException.class)
			.isThrownBy(() -> CFunction.of("tomcorn_none", int.class));
	}

	@Test
	void wrongNumberOfArgumentsIsRefused() {
		CFunction close = CFunction.of("close", int.class, int.class);
		assertThatIllegalArgumentException().isThrownBy(close::call);
		assertThatIllegalArgumentException().isThrownBy(() -> close.call(1, 2));
		assertThatIllegalArgumentException().isThrownBy(
				() -> CFunction.of("close", int.class, Collections.nCopies(7, int.class).toArray(Class<?>[]::new)));
	}

}
