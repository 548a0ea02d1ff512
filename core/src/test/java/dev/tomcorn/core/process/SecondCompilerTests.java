package dev.tomcorn.core.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.foreign.JvmFlag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Tests for {@link SecondCompiler}, in JVMs with other compilers than this one.
 */
class SecondCompilerTests {

	/**
	 * A line of the JVM's log about a method of the child that the second compiler
	 * compiles.
	 */
	private static final Pattern SECOND = Pattern.compile("[ 0-9]+[ %s!bn]+4 +.*SecondCompilerTests\\$Held::.*");

	@Test
	void secondCompilerBeginsWhenItIsReleased() throws Exception {
		assumeTrue(isKnown());
		List<String> lines = run(Held.class, "-Xlog:jit+compilation=debug:stdout:none");
		int held = lines.indexOf("held");
		int released = lines.indexOf("released");
		assertThat(held).isPositive();
		assertThat(released).isGreaterThan(held);
		assertThat(lines.subList(held, released)).anyMatch((line) -> line.contains("SecondCompilerTests$Held::"))
			.noneMatch((line) -> SECOND.matcher(line).matches());
		assertThat(lines.subList(released, lines.size())).anyMatch((line) -> SECOND.matcher(line).matches())
			.contains("once only");
	}

	@Test
	void applicationThatTakesLongToStartGetsItEarlier() throws Exception {
		assumeTrue(isKnown());
		assertThat(run(Late.class, "-XX:TieredStopAtLevel=4")).containsExactly("held", "released");
	}

	/**
	 * Return whether the compilers of this JVM are those that can be held back.
	 */
	private static boolean isKnown() {
		return System.getProperty("os.arch").equals("amd64") && System.getProperty("java.vm.name").endsWith("Server VM")
				&& !System.getProperty("java.vendor.version", "").contains("GraalVM");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:TieredStopAtLevel=1", "-XX:TieredStopAtLevel=3", "-XX:-TieredCompilation",
			"-XX:CompilationMode=high-only", "-XX:CompilationMode=quick-only" })
	void compilersThatTheUserHasChosenAreLeftAlone(String option) throws Exception {
		assertThat(run(Held.class, option)).contains("not held", "unchanged").doesNotContain("held");
	}

	@Test
	void environmentTellsAWorkerToHoldItBack() {
		assertThat(SecondCompiler.isDeferred(SecondCompiler.toEnvironment(true))).isTrue();
		assertThat(SecondCompiler.isDeferred(SecondCompiler.toEnvironment(false))).isFalse();
		// Even if the arbiter was started by a worker
		assertThat(SecondCompiler.toEnvironment(false)).hasSameSizeAs(SecondCompiler.toEnvironment(true));
		assertThat(SecondCompiler.isDeferred(Map.of())).isFalse();
	}

	private static List<String> run(Class<?> main, String option) throws IOException, InterruptedException {
		Process process = new ProcessBuilder(ChildJvm.command(main, option)).redirectErrorStream(true).start();
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as(output).isZero();
			return output.lines().toList();
		}
		finally {
			ChildJvm.end(process);
		}
	}

	static final class Late {

		public static void main(String[] args) throws InterruptedException {
			System.out.println((SecondCompiler.hold(Duration.ofMillis(500)) != null) ? "held" : "not held");
			long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
			while (Held.level() != 4 && System.nanoTime() < end) {
				Thread.sleep(10);
			}
			System.out.println((Held.level() == 4) ? "released" : "never released");
		}

	}

	static final class Held {

		private static final int ENOUGH = 1_000_000;

		private static final int ROUNDS = 300;

		static volatile int result;

		public static void main(String[] args) {
			long before = level();
			SecondCompiler compiler = SecondCompiler.hold();
			if (compiler == null) {
				System.out.println("not held");
				System.out.println((level() == before) ? "unchanged" : "changed");
				return;
			}
			System.out.println("held");
			compute(Held::whileHeld);
			System.out.println("released");
			compiler.release();
			if (SecondCompiler.hold() == null && level() == before) {
				System.out.println("once only");
			}
			for (int i = 0; i < ROUNDS; i++) {
				compute(Held::afterwards);
			}
		}

		static long level() {
			return JvmFlag.find(Set.of("TieredStopAtLevel")).values().iterator().next().number();
		}

		private static void compute(IntUnaryOperator function) {
			for (int i = 0; i < ENOUGH; i++) {
				result = function.applyAsInt(result);
			}
		}

		private static int whileHeld(int value) {
			return value * 31 + (value >>> 3);
		}

		private static int afterwards(int value) {
			return value * 17 + (value >>> 5);
		}

	}

}
