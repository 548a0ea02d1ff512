package dev.tomcorn.core.incident;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

import dev.tomcorn.core.ChildJvm;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.incident.CausesOfDeath.ExitEvidence;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

@Execution(ExecutionMode.CONCURRENT)
class CausesOfDeathTests {

	private static final long PID = 4711;

	private static final ApplicationFrames FRAMES = new ApplicationFrames(List.of("dev.tomcorn.core.incident"));

	@TempDir
	private Path root;

	private final AtomicLong nanoTime = new AtomicLong();

	private CausesOfDeath causes;

	@BeforeEach
	void machine() throws IOException {
		write("proc/self/cgroup", "0::/app\n");
		write("sys/fs/cgroup/app/memory.events", "oom 0\noom_kill 5\noom_group_kill 0\n");
		write("sys/fs/cgroup/app/memory.max", "268435456\n");
		this.causes = causes();
	}

	private CausesOfDeath causes() {
		return new CausesOfDeath(new OutOfMemoryKills(this.root),
				new CrashLogs(List.of(this.root), InstantSource.system()), FRAMES, this.nanoTime::get);
	}

	private void write(String name, String content) throws IOException {
		Path file = this.root.resolve(name);
		Files.createDirectories(file.getParent());
		Files.writeString(file, content);
	}

	private void kernelHasKilled(int count) throws IOException {
		write("sys/fs/cgroup/app/memory.events", "oom 0\noom_kill " + count + "\noom_group_kill 0\n");
	}

	private Death killed() {
		return this.causes.of(137, PID, false, false, ExitEvidence.NONE);
	}

	@ParameterizedTest
	@CsvSource({ "0, false, exit code 0", "1, false, exit code 1", "42, true, exit code 42", "3, true, exit code 3",
			"128, false, exit code 128", "255, false, exit code 255" })
	void exitCodeIsNamed(int code, boolean orderly, String description) {
		assertThat(this.causes.of(code, PID, orderly, false, ExitEvidence.NONE))
			.isEqualTo(new Death(ExitCause.EXIT, description));
	}

	@Test
	void exitCodeOfAJvmOutOfHeapIsNamedUnlessItWasDraining() {
		assertThat(this.causes.of(3, PID, false, false, ExitEvidence.NONE))
			.isEqualTo(new Death(ExitCause.OUT_OF_HEAP, "out of memory: Java heap space (exit code 3)"));
	}

	@ParameterizedTest
	@CsvSource({ "143, false, 'signal SIGTERM, not sent by the arbiter'",
			"143, true, 'signal SIGTERM, sent by the arbiter'", "137, true, 'signal SIGKILL, sent by the arbiter'",
			"137, false, 'signal SIGKILL, not sent by the arbiter'",
			"129, false, 'signal SIGHUP, not sent by the arbiter'",
			"162, false, 'signal 34, not sent by the arbiter'" })
	void signalIsNamedAndWhetherTheArbiterSentIt(int code, boolean sent, String description) {
		assertThat(this.causes.of(code, PID, false, sent, ExitEvidence.NONE))
			.isEqualTo(new Death(ExitCause.SIGNAL, description));
	}

	@ParameterizedTest
	@ValueSource(ints = { 132, 134, 135, 136, 139 })
	void faultIsACrash(int code) {
		assertThat(this.causes.of(code, PID, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.CRASH);
	}

	@Test
	void killByTheKernelIsToldByItsCount() throws IOException {
		kernelHasKilled(6);
		assertThat(killed()).isEqualTo(new Death(ExitCause.KERNEL_OUT_OF_MEMORY,
				"killed by the kernel for want of memory (cgroup limit 256 MB)"));
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void everyKillOfTheKernelAccountsForOneDeath() throws IOException {
		kernelHasKilled(7);
		assertThat(killed().cause()).isEqualTo(ExitCause.KERNEL_OUT_OF_MEMORY);
		assertThat(killed().cause()).isEqualTo(ExitCause.KERNEL_OUT_OF_MEMORY);
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void killsBeforeTheArbiterDoNotCount() {
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void killByTheArbiterIsNotTheKernels() throws IOException {
		kernelHasKilled(6);
		assertThat(this.causes.of(137, PID, false, true, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.SIGNAL);
		assertThat(this.causes.of(143, PID, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void killThatWasSeenBeforeTheDeathIsClaimedByIt() throws IOException {
		kernelHasKilled(6);
		this.causes.observe();
		this.nanoTime.addAndGet(Duration.ofSeconds(29).toNanos());
		this.causes.observe();
		assertThat(killed().cause()).isEqualTo(ExitCause.KERNEL_OUT_OF_MEMORY);
	}

	@Test
	void killOfAnotherProcessLongAgoIsNotClaimed() throws IOException {
		kernelHasKilled(6);
		this.causes.observe();
		this.nanoTime.addAndGet(Duration.ofSeconds(31).toNanos());
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void countThatCannotBeReadAccountsForNothing() throws IOException {
		write("sys/fs/cgroup/app/memory.events", "");
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
		kernelHasKilled(5);
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
		write("sys/fs/cgroup/app/memory.events", "oom_kill x\n\0\n");
		assertThat(killed().cause()).isEqualTo(ExitCause.SIGNAL);
	}

	@Test
	void machineWithoutAnyCountIsNoFailure(@TempDir Path empty) {
		CausesOfDeath blind = new CausesOfDeath(new OutOfMemoryKills(empty),
				new CrashLogs(List.of(empty), InstantSource.system()), FRAMES, this.nanoTime::get);
		assertThat(blind.of(137, PID, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.SIGNAL);
		assertThat(CausesOfDeath.ofThisMachine(FRAMES).of(0, PID, true, false, ExitEvidence.NONE).cause())
			.isEqualTo(ExitCause.EXIT);
	}

	@Test
	void crashNamesItsFileAndItsFault() throws IOException {
		write("hs_err_pid4711.log", """
				#
				# A fatal error has been detected by the Java Runtime Environment:
				#
				#  SIGSEGV (0xb) at pc=0x00007fc563033f9d, pid=4711, tid=7792
				#
				""");
		Path file = this.root.resolve("hs_err_pid4711.log");
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE))
			.isEqualTo(new Death(ExitCause.CRASH, "crash: SIGSEGV (0xb) (SIGABRT), see " + file));
		// -XX:-CreateCoredumpOnCrash
		assertThat(this.causes.of(1, PID, false, false, ExitEvidence.NONE).description()).contains("exit code 1",
				file.toString());
	}

	@Test
	void crashNamesTheFirstFrameOfTheApplication() throws IOException {
		write("hs_err_pid4711.log",
				"""
						#  SIGSEGV (0xb) at pc=0x00007fc563033f9d, pid=4711, tid=7792
						Java frames: (J=compiled Java code, j=interpreted, Vv=VM code)
						J 1134  jdk.internal.misc.Unsafe.getLong(Ljava/lang/Object;J)J java.base@25 (0 bytes) @ 0x00007 [0x0007+0x6]
						j  org.springframework.aop.Joinpoint.proceed()V+1
						J 4711%% c2 dev.tomcorn.core.incident.Orders.lambda$list$0(I)J (10 bytes) @ 0x00007f [0x00007f+0x1]
						j  dev.tomcorn.core.incident.Orders.list(I)V+10
						v  ~StubRoutines::call_stub 0x00007
						"""
					.replace("%%", "%"));
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE).description())
			.contains(" in Orders.lambda$list$0 (SIGABRT), see ");
		write("hs_err_pid4711.log", "j ".repeat(1_000_000) + "\nj  dev.tomcorn.core.incident.Orders.list(I)V+10\n");
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE).description()).doesNotContain("Orders");
	}

	@Test
	void exitEvidenceNamesWhoHasCalledExitAndWhichMemoryWasFull() {
		ExitEvidence words = new ExitEvidence("PaymentJob.java:41", "Metaspace");
		assertThat(this.causes.of(7, PID, false, false, words).description())
			.isEqualTo("exit code 7 by PaymentJob.java:41");
		assertThat(this.causes.of(3, PID, false, false, words).description())
			.isEqualTo("out of memory: Metaspace (exit code 3)");
	}

	@Test
	void crashForWantOfHeapIsNamedSo() throws IOException {
		write("hs_err_pid4711.log", "#\n#  fatal error: OutOfMemory encountered: Java heap space\n#\n");
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.OUT_OF_HEAP);
	}

	@Test
	void crashFileOfAnEarlierProcessIsNotNamed() throws IOException {
		write("hs_err_pid4711.log", "#  SIGSEGV\n");
		Files.setLastModifiedTime(this.root.resolve("hs_err_pid4711.log"),
				FileTime.from(Instant.now().minus(Duration.ofHours(1))));
		assertThat(this.causes.of(1, PID, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.EXIT);
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE).description())
			.isEqualTo("crash (SIGABRT), no hs_err file found");
	}

	@Test
	void crashFileThatIsALinkOrAPipeIsNotOpened() throws Exception {
		Path target = Files.writeString(this.root.resolve("other"), "#  secret\n");
		Files.createSymbolicLink(this.root.resolve("hs_err_pid4711.log"), target);
		assertThat(this.causes.of(134, PID, false, false, ExitEvidence.NONE).description()).doesNotContain("secret");
		Path pipe = this.root.resolve("hs_err_pid4712.log");
		assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor()).isZero();
		assertThat(this.causes.of(134, 4712, false, false, ExitEvidence.NONE).cause()).isEqualTo(ExitCause.CRASH);
	}

	@Test
	void jvmOutOfHeapEndsAndSaysSo() throws Exception {
		assertThat(deathOf("heap", "-XX:+ExitOnOutOfMemoryError", "-Xmx16m").cause()).isEqualTo(ExitCause.OUT_OF_HEAP);
	}

	@Test
	void jvmOutOfHeapEndsAlsoWhenTheApplicationCatchesTheError() throws Exception {
		assertThat(deathOf("caught", "-XX:+ExitOnOutOfMemoryError", "-Xmx16m").cause())
			.isEqualTo(ExitCause.OUT_OF_HEAP);
		assertThat(deathOf("caught", "-Xmx16m")).isEqualTo(new Death(ExitCause.EXIT, "exit code 7"));
	}

	@Test
	void jvmOutOfMetaspaceEndsAndSaysSo() throws Exception {
		assertThat(deathOf("metaspace", "-XX:+ExitOnOutOfMemoryError", "-XX:MaxMetaspaceSize=16m").cause())
			.isEqualTo(ExitCause.OUT_OF_HEAP);
	}

	@Test
	void jvmThatCrashesLeavesAFileThatIsFound() throws Exception {
		Death death = deathOf("crash", "-XX:-CreateCoredumpOnCrash");
		assertThat(death.cause()).isEqualTo(ExitCause.CRASH);
		assertThat(death.description()).contains("SIGSEGV", "hs_err_pid");
	}

	@ParameterizedTest
	@CsvSource({ "TERM, SIGTERM", "KILL, SIGKILL", "INT, SIGINT" })
	void jvmThatGetsASignalIsSaidToHaveGotIt(String signal, String name) throws Exception {
		List<String> command = new ArrayList<>(ChildJvm.command(Dying.class));
		// A build in the background of a shell ignores some signals, and children inherit
		// that
		command.addAll(0, List.of("env", "--default-signal=INT,TERM"));
		Process child = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
		try {
			assertThat(child.inputReader().readLine()).isEqualTo("ready");
			assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid())).start().waitFor()).isZero();
			assertThat(this.causes.of(child.waitFor(), child.pid(), false, false, ExitEvidence.NONE).description())
				.isEqualTo("signal " + name + ", not sent by the arbiter");
		}
		finally {
			ChildJvm.end(child);
		}
	}

	private Death deathOf(String way, String... options) throws Exception {
		List<String> command = new ArrayList<>(ChildJvm.command(Dying.class));
		command.addAll(1, List.of(options));
		command.add(way);
		Process child = new ProcessBuilder(command).directory(this.root.toFile())
			.redirectErrorStream(true)
			.redirectOutput(this.root.resolve("out").toFile())
			.start();
		try {
			return this.causes.of(child.waitFor(), child.pid(), false, false, ExitEvidence.NONE);
		}
		finally {
			ChildJvm.end(child);
		}
	}

	/**
	 * Dies in the given way.
	 */
	static final class Dying {

		private Dying() {
		}

		public static void main(String[] arguments) throws Exception {
			switch ((arguments.length > 0) ? arguments[0] : "") {
				case "heap" -> exhaustHeap();
				case "caught" -> {
					try {
						exhaustHeap();
					}
					catch (OutOfMemoryError ex) {
						System.exit(7);
					}
				}
				case "metaspace" -> exhaustMetaspace();
				case "crash" -> MemorySegment.NULL.reinterpret(8).get(ValueLayout.JAVA_LONG, 0);
				default -> {
					System.out.println("ready");
					Thread.sleep(Duration.ofMinutes(1));
				}
			}
		}

		private static void exhaustHeap() {
			List<byte[]> kept = new ArrayList<>();
			while (true) {
				kept.add(new byte[1 << 20]);
			}
		}

		private static void exhaustMetaspace() {
			List<Object> kept = new ArrayList<>();
			while (true) {
				ClassLoader loader = new ClassLoader(Dying.class.getClassLoader()) {
				};
				kept.add(Proxy.newProxyInstance(loader, new Class<?>[] { Runnable.class },
						(proxy, method, args) -> null));
			}
		}

	}

}
