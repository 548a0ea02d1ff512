package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.core.ChildJvm;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

class FleetLocksTests {

	private final long self = ProcessHandle.current().pid();

	private Path file;

	private FleetLocks locks;

	@BeforeEach
	void setUp(@TempDir Path directory) throws IOException {
		// Other tests of this JVM have files open, too
		this.file = directory.resolve("fleet-" + UUID.randomUUID() + ".lock");
		this.locks = FleetLocks.create(this.file);
	}

	@Test
	void nobodyElseLeadsUntilTheLeaderLetsGo() throws IOException {
		FleetLocks other = FleetLocks.open(this.file, this.self);
		FileLock lead = this.locks.tryLead();
		assertThat(lead).isNotNull();
		assertThat(other.tryLead()).isNull();
		lead.release();
		assertThat(other.tryLead()).isNotNull();
	}

	@Test
	void namesOfAnIndexAreFreeUntilClaimed() throws IOException {
		assertThat(this.locks.freeName(2, (number) -> false)).isZero();
		assertThat(this.locks.freeName(2, (number) -> number < 2)).isEqualTo(2);
		assertThat(this.locks.claimName(2, 0)).isZero();
		assertThat(this.locks.claimName(3, 1)).isEqualTo(1);
		assertThat(this.locks.freeName(2, (number) -> false)).isEqualTo(1);
		assertThat(this.locks.claimName(2, FleetLocks.NAMES - 1)).isEqualTo(FleetLocks.NAMES - 1);
		assertThat(this.locks.claimName(2, FleetLocks.NAMES - 1)).isEqualTo(1);
	}

	@Test
	void thereIsAnEndToNames() throws IOException {
		for (int number = 0; number < FleetLocks.NAMES; number++) {
			assertThat(this.locks.claimName(127, 0)).isEqualTo(number);
		}
		assertThat(this.locks.claimName(127, 0)).isEqualTo(FleetLocks.NAMES);
		assertThat(this.locks.freeName(127, (number) -> false)).isEqualTo(FleetLocks.NAMES);
	}

	@Test
	void successorOfAnArbiterSharesItsLocks(@TempDir Path other) throws IOException {
		FleetLocks successor = FleetLocks.share(other.resolve(this.file.getFileName()), this.file, this.self);
		assertThat(this.locks.tryLead()).isNotNull();
		assertThat(successor.tryLead()).isNull();
		Files.delete(this.file);
		assertThat(FleetLocks.open(other.resolve(this.file.getFileName()), this.self).tryLead()).isNull();
	}

	@Test
	void locksAreFoundThoughSomebodyHasRemovedTheirFile(@TempDir Path other) throws IOException {
		assertThat(this.locks.tryLead()).isNotNull();
		Files.delete(this.file);
		assertThat(FleetLocks.open(this.file, this.self).tryLead()).isNull();
		assertThat(FleetLocks.share(other.resolve(this.file.getFileName()), this.file, this.self).tryLead()).isNull();
		assertThat(FleetLocks.open(other.resolve(this.file.getFileName()), this.self).tryLead()).isNull();
	}

	@Test
	void arbiterWithoutLocksHasNoneToShare(@TempDir Path other) {
		assertThatIOException()
			.isThrownBy(() -> FleetLocks.share(other.resolve("none"), this.file.resolveSibling("none"), this.self));
	}

	@Test
	void killedProcessHasNoLocks() throws Exception {
		ProcessBuilder builder = ChildJvm.builder(Holder.class);
		builder.environment().put("FILE", this.file.toString());
		Process child = builder.start();
		try {
			assertThat(child.inputReader().readLine()).isEqualTo("leads as 0");
			assertThat(this.locks.tryLead()).isNull();
			assertThat(this.locks.freeName(2, (number) -> false)).isEqualTo(1);
			assertThat(this.locks.tryAlone("instance")).isNull();
			FileLock share = this.locks.tryShare("instance");
			assertThat(share).as("a second share").isNotNull();
			share.release();
			assertThat(this.locks.tryAlone("instance")).as("the child has its share").isNull();
		}
		finally {
			ChildJvm.end(child);
			child.waitFor();
		}
		assertThat(this.locks.tryLead()).isNotNull();
		assertThat(this.locks.freeName(2, (number) -> false)).isZero();
		assertThat(this.locks.tryAlone("instance")).isNotNull();
	}

	@Test
	void whatOneHasAloneNobodyHasAShareOf() throws IOException {
		FleetLocks other = FleetLocks.open(this.file, this.self);
		FileLock alone = this.locks.tryAlone("instance");
		assertThat(alone).isNotNull();
		assertThat(other.tryShare("instance")).isNull();
		assertThat(other.tryAlone("another")).isNotNull();
		alone.release();
		assertThat(other.tryShare("instance")).isNotNull();
	}

	@Test
	void shareIsAwaitedUntilItsHolderLetsGo() throws Exception {
		FleetLocks other = FleetLocks.open(this.file, this.self);
		FileLock alone = this.locks.tryAlone("instance");
		assertThat(alone).isNotNull();
		assertThat(other.awaitShare("instance", Duration.ofMillis(50))).isNull();
		FutureTask<@Nullable FileLock> share = new FutureTask<>(
				() -> other.awaitShare("instance", Duration.ofMinutes(1)));
		Thread waiting = Thread.ofPlatform().start(share);
		await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING || share.isDone());
		alone.release();
		assertThat(share.get(30, TimeUnit.SECONDS)).isNotNull();
	}

	/**
	 * Takes locks and waits to be killed.
	 */
	static final class Holder {

		private Holder() {
		}

		public static void main(String[] arguments) throws Exception {
			FleetLocks locks = FleetLocks.open(Path.of(System.getenv("FILE")), ProcessHandle.current().pid());
			FileLock lead = locks.tryLead();
			locks.tryShare("instance");
			System.out.println((lead != null) ? "leads as " + locks.claimName(2, 0) : "does not lead");
			Thread.sleep(Long.MAX_VALUE);
		}

	}

}
