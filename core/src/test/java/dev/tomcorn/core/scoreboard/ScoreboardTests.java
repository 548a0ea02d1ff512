package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

class ScoreboardTests {

	private static final int SLOTS = 4;

	private static final int HEADER_SIZE = 384;

	private static final int NOTICE_SIZE = (int) Scoreboard.NOTICE_SIZE;

	private static final int SLOTS_OFFSET = 24;

	private Path file;

	@BeforeEach
	void setUp(@TempDir Path directory) {
		this.file = directory.resolve("scoreboard");
	}

	private Scoreboard create() throws IOException {
		return Scoreboard.create(this.file, SLOTS, 4711);
	}

	private Scoreboard createFile() throws IOException {
		return Scoreboard.createFile(this.file, SLOTS, 4711);
	}

	@Test
	void whatTheArbiterWritesEveryWorkerReads() throws IOException {
		Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
		Scoreboard written = create();
		Scoreboard read = Scoreboard.open(this.file);
		written.publish(3, 7, 0);
		assertThat(read.arbiterPid()).isEqualTo(4711);
		assertThat(read.generation()).isEqualTo(3);
		assertThat(read.targetWorkers()).isEqualTo(7);
		assertThat(read.startedAt()).isBetween(before, Instant.now());
	}

	@Test
	void everybodyReadsWhatFleetItIsAndWhatToShowTheArbiter() throws IOException {
		Scoreboard written = create();
		assertThat(written.token()).isEmpty();
		assertThat(written.identity()).isEmpty();
		UUID token = UUID.randomUUID();
		written.setToken(token);
		byte[] secret = new byte[Scoreboard.SECRET_SIZE];
		Arrays.fill(secret, (byte) 7);
		written.setSecret(secret);
		byte[] identity = new byte[Scoreboard.MAX_IDENTITY];
		Arrays.fill(identity, (byte) 7);
		written.identify(identity);
		byte[] notice = new byte[Scoreboard.MAX_NOTICE];
		Arrays.fill(notice, (byte) 8);
		written.post(notice);
		Scoreboard read = Scoreboard.open(this.file);
		assertThat(read.token()).isEqualTo(token.toString());
		assertThat(read.secret()).isEqualTo(secret);
		assertThat(read.identity()).isEqualTo(identity);
		assertThat(read.notice()).isEqualTo(notice);
		assertThatIllegalArgumentException().isThrownBy(() -> written.identify(new byte[Scoreboard.MAX_IDENTITY + 1]));
	}

	@Test
	void arbiterOfAnOlderVersionTellsNeitherAndItsLongestNoticeIsRead() throws IOException {
		Scoreboard written = createFile();
		written.setToken(new UUID(0, 0));
		try (FileChannel channel = FileChannel.open(this.file, StandardOpenOption.WRITE)) {
			channel.write(ByteBuffer.allocate(Integer.BYTES), 56);
			ByteBuffer notice = ByteBuffer.allocate(NOTICE_SIZE).order(ByteOrder.nativeOrder());
			notice.putInt(0, 2).putInt(4, NOTICE_SIZE - 8);
			channel.write(notice, HEADER_SIZE + SLOTS * WorkerSlot.SIZE);
		}
		Scoreboard read = Scoreboard.open(this.file);
		assertThat(read.token()).isEmpty();
		assertThat(read.identity()).isEmpty();
		assertThat(read.notice()).hasSize(NOTICE_SIZE - 8);
	}

	@Test
	void everyFieldOfASlotHasItsOwnPlace() throws IOException {
		Scoreboard written = create();
		WorkerSlot slot = written.claim(2, 1, Long.MAX_VALUE - 1, 9);
		slot.setPid(Long.MAX_VALUE - 2);
		slot.setBootTime(Duration.ofMillis(1801));
		slot.setAccepting(true);
		slot.addOpenConnections(11);
		slot.addBusy(12);
		for (int request = 1; request <= 14; request++) {
			slot.requestBegan();
		}
		slot.requestEnded();
		slot.addWaitingRequests(15);
		slot.setStartedAt(Instant.ofEpochMilli(Long.MAX_VALUE - 16));
		slot.setTrouble(Trouble.GARBAGE_COLLECTION);
		slot.setGauges(Long.MAX_VALUE - 17, Long.MAX_VALUE - 18, Long.MAX_VALUE - 19, Long.MAX_VALUE - 20);
		slot.setState(WorkerState.DRAINING);
		WorkerSlot read = Scoreboard.open(this.file).slot(2);
		assertThat(read.number()).isEqualTo(2);
		assertThat(read.index()).isEqualTo(1);
		assertThat(read.age()).isEqualTo(Long.MAX_VALUE - 1);
		assertThat(read.generation()).isEqualTo(9);
		assertThat(read.pid()).isEqualTo(Long.MAX_VALUE - 2);
		assertThat(read.bootTime()).isEqualTo(Duration.ofMillis(1801));
		assertThat(read.accepting()).isTrue();
		assertThat(read.openConnections()).isEqualTo(11);
		assertThat(read.busy()).isEqualTo(12);
		assertThat(read.activeRequests()).isEqualTo(13);
		assertThat(read.waitingRequests()).isEqualTo(15);
		assertThat(read.handledRequests()).isEqualTo(1);
		assertThat(read.state()).isEqualTo(WorkerState.DRAINING);
		assertThat(read.heartbeat()).isEqualTo(slot.heartbeat());
		assertThat(read.trouble()).isEqualTo(Trouble.GARBAGE_COLLECTION);
		assertThat(read.gcMillis()).isEqualTo(Long.MAX_VALUE - 17);
		assertThat(read.heapUsed()).isEqualTo(Long.MAX_VALUE - 18);
		assertThat(read.heapMax()).isEqualTo(Long.MAX_VALUE - 19);
		assertThat(read.residentMemory()).isEqualTo(Long.MAX_VALUE - 20);
		assertThat(read.startedAt()).isEqualTo(Instant.ofEpochMilli(Long.MAX_VALUE - 16));
	}

	@Test
	void slotsDoNotOverlap() throws IOException {
		Scoreboard written = create();
		for (int number = 0; number < SLOTS; number++) {
			WorkerSlot slot = written.claim(number, 10 + number, 100 + number, 1);
			slot.setPid(1000 + number);
			slot.addBusy(number);
			slot.requestBegan();
			slot.requestEnded();
		}
		assertThat(Scoreboard.open(this.file).slots()).hasSize(SLOTS).allSatisfy((slot) -> {
			assertThat(slot.index()).isEqualTo(10 + slot.number());
			assertThat(slot.age()).isEqualTo(100 + slot.number());
			assertThat(slot.pid()).isEqualTo(1000 + slot.number());
			assertThat(slot.busy()).isEqualTo(slot.number());
			assertThat(slot.handledRequests()).isOne();
		});
	}

	@Test
	void onlyTheOwnerMayReadTheFile() throws IOException {
		create();
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.file))).isEqualTo("rw-------");
	}

	@Test
	void fileThatExistsIsNotOverwritten() throws IOException {
		Files.writeString(this.file, "mine");
		assertThatExceptionOfType(FileAlreadyExistsException.class).isThrownBy(this::create);
		assertThat(this.file).hasContent("mine");
	}

	@Test
	void fileThatDoesNotExistIsRefused() {
		assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> Scoreboard.open(this.file));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 127 })
	void fileThatIsTooShortIsRefused(int length) throws IOException {
		Files.write(this.file, new byte[length]);
		assertThatIOException().isThrownBy(() -> Scoreboard.open(this.file))
			.withMessage(this.file + " is not a scoreboard: it has " + length + " bytes");
	}

	@ParameterizedTest
	@ValueSource(ints = { HEADER_SIZE, HEADER_SIZE + 1, HEADER_SIZE + 256, 100_000 })
	void fileThatIsNoScoreboardIsRefused(int length) throws IOException {
		Files.write(this.file, new byte[length]);
		assertThatNotOfThisVersion();
	}

	@Test
	void scoreboardOfAnotherVersionIsRefused() throws IOException {
		create();
		patch(0, 0x546F6D636F726E01L);
		assertThatNotOfThisVersion();
	}

	@ParameterizedTest
	@ValueSource(ints = { HEADER_SIZE, HEADER_SIZE + (int) WorkerSlot.SIZE, HEADER_SIZE + SLOTS * (int) WorkerSlot.SIZE,
			HEADER_SIZE + SLOTS * (int) WorkerSlot.SIZE + NOTICE_SIZE - 1 })
	void truncatedScoreboardIsRefused(int length) throws IOException {
		createFile();
		byte[] content = Files.readAllBytes(this.file);
		Files.write(this.file, Arrays.copyOf(content, length));
		assertThatNotOfThisVersion();
	}

	@Test
	void scoreboardThatIsTooLongIsRefused() throws IOException {
		createFile();
		Files.write(this.file, new byte[1], StandardOpenOption.APPEND);
		assertThatNotOfThisVersion();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, -1, SLOTS - 1, SLOTS + 1, Integer.MAX_VALUE, Integer.MIN_VALUE })
	void scoreboardWithAWrongNumberOfSlotsIsRefused(int slots) throws IOException {
		create();
		patch(SLOTS_OFFSET, slots);
		assertThatNotOfThisVersion();
	}

	@Test
	void scoreboardWithoutSlotsIsRefused() throws IOException {
		createFile();
		patch(SLOTS_OFFSET, 0);
		Files.write(this.file, Arrays.copyOf(Files.readAllBytes(this.file), HEADER_SIZE + NOTICE_SIZE));
		assertThatNotOfThisVersion();
	}

	private void assertThatNotOfThisVersion() {
		assertThatIOException().isThrownBy(() -> Scoreboard.open(this.file))
			.withMessage(this.file + " is not a scoreboard of this version");
	}

	@Test
	void nobodyCanShortenOrLengthenIt() throws IOException {
		Scoreboard scoreboard = create();
		Scoreboard read = Scoreboard.open(this.file);
		long length = Files.size(this.file);
		assertThatIOException().isThrownBy(() -> Files.write(this.file, new byte[0]));
		try (FileChannel channel = FileChannel.open(this.file, StandardOpenOption.WRITE)) {
			assertThatIOException().isThrownBy(() -> channel.truncate(0));
			assertThatIOException().isThrownBy(() -> channel.truncate(length - 1));
			assertThatIOException().isThrownBy(() -> channel.write(ByteBuffer.allocate(1), length));
		}
		scoreboard.claim(SLOTS - 1, 5, 6, 7);
		assertThat(read.slot(SLOTS - 1).index()).isEqualTo(5);
		assertThat(Files.size(this.file)).isEqualTo(length);
	}

	@Test
	void workersFindItWhateverBecomesOfItsName() throws IOException {
		long self = ProcessHandle.current().pid();
		create().publish(3, 4, 0);
		Files.delete(this.file);
		assertThat(Scoreboard.open(this.file, self).targetWorkers()).isEqualTo(4);
		Files.writeString(this.file, "somebody else's");
		assertThat(Scoreboard.open(this.file, self).targetWorkers()).isEqualTo(4);
	}

	@Test
	void nameThatIsGoneIsMadeAnew() throws IOException {
		Scoreboard scoreboard = create();
		scoreboard.publish(3, 4, 0);
		Files.delete(this.file);
		scoreboard.restore(this.file);
		scoreboard.restore(this.file);
		assertThat(Scoreboard.open(this.file).targetWorkers()).isEqualTo(4);
	}

	@Test
	void fileServesWhereTheSystemHasNoSuchMemory() throws IOException {
		Scoreboard scoreboard = createFile();
		scoreboard.publish(3, 4, 0);
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(this.file))).isEqualTo("rw-------");
		assertThat(Scoreboard.open(this.file).targetWorkers()).isEqualTo(4);
		Files.delete(this.file);
		scoreboard.restore(this.file);
		assertThat(this.file).doesNotExist();
		assertThat(Scoreboard.open(this.file, ProcessHandle.current().pid()).targetWorkers()).isEqualTo(4);
	}

	@Test
	void linkToTheScoreboardOfAnotherIsNotTakenForThatOfAnArbiterThatHasEnded() throws IOException {
		create();
		Path other = Files.createDirectory(this.file.resolveSibling("other")).resolve("scoreboard");
		Files.createSymbolicLink(other, Files.readSymbolicLink(this.file));
		assertThatIOException().isThrownBy(() -> Scoreboard.open(other))
			.withMessage("its arbiter (pid %d) has ended", ProcessHandle.current().pid());
		Path gone = this.file.resolveSibling("gone");
		Files.createSymbolicLink(gone, Path.of("/proc/999999999/fd/7"));
		assertThatIOException().isThrownBy(() -> Scoreboard.open(gone))
			.withMessage("its arbiter (pid 999999999) has ended");
	}

	@ParameterizedTest
	@ValueSource(ints = { 5, -1, 77, Integer.MAX_VALUE, Integer.MIN_VALUE })
	void stateThatNoVersionWroteReadsAsVacant(int code) throws IOException {
		Scoreboard scoreboard = create();
		scoreboard.claim(0, 0, 1, 1);
		WorkerSlot slot = scoreboard.claim(1, 1, 2, 1);
		patch(HEADER_SIZE + (int) WorkerSlot.SIZE, code);
		assertThat(slot.state()).isEqualTo(WorkerState.VACANT);
		assertThat(scoreboard.slot(0).state()).isEqualTo(WorkerState.STARTING);
	}

	@ParameterizedTest
	@ValueSource(ints = { 3, -1, 77, Integer.MAX_VALUE, Integer.MIN_VALUE })
	void troubleThatNoVersionWroteReadsAsNone(int code) throws IOException {
		Scoreboard scoreboard = create();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		slot.setTrouble(Trouble.SCHEDULER_STUCK);
		patch(HEADER_SIZE + 48, code);
		assertThat(slot.trouble()).isEqualTo(Trouble.NONE);
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, SLOTS + 1, Integer.MAX_VALUE })
	void garbageInTheNumberOfUsedSlotsShowsNoSlotThatDoesNotExist(int used) throws IOException {
		Scoreboard scoreboard = create();
		patch(SLOTS_OFFSET + Integer.BYTES, used);
		assertThat(scoreboard.slots()).hasSize((used < 0) ? 0 : SLOTS);
	}

	@Test
	void slotsThatWereNeverUsedAreNotShown() throws IOException {
		Scoreboard scoreboard = create();
		Scoreboard read = Scoreboard.open(this.file);
		assertThat(read.slots()).isEmpty();
		scoreboard.claim(2, 0, 1, 1);
		assertThat(read.slots()).hasSize(3);
		scoreboard.claim(0, 1, 2, 1);
		scoreboard.slot(2).vacate();
		assertThat(read.slots()).hasSize(3)
			.extracting(WorkerSlot::state)
			.containsExactly(WorkerState.STARTING, WorkerState.VACANT, WorkerState.VACANT);
	}

	@Test
	void claimForgetsWhatThePredecessorWrote() throws IOException {
		Scoreboard scoreboard = create();
		WorkerSlot slot = scoreboard.claim(1, 1, 2, 1);
		slot.setPid(77);
		slot.setBootTime(Duration.ofSeconds(3));
		slot.setAccepting(true);
		slot.addOpenConnections(5);
		slot.addBusy(5);
		slot.addWaitingRequests(5);
		slot.setTrouble(Trouble.SCHEDULER_STUCK);
		slot.setGauges(1, 2, 3, 4);
		slot.requestBegan();
		slot.requestBegan();
		slot.requestEnded();
		slot.setState(WorkerState.READY);
		slot.vacate();
		assertThat(slot.accepting()).isFalse();
		Instant before = Instant.now().truncatedTo(ChronoUnit.MILLIS);
		long begun = System.nanoTime();
		scoreboard.claim(1, 3, 4, 2);
		assertThat(slot.state()).isEqualTo(WorkerState.STARTING);
		assertThat(slot.index()).isEqualTo(3);
		assertThat(slot.age()).isEqualTo(4);
		assertThat(slot.generation()).isEqualTo(2);
		assertThat(slot.pid()).isZero();
		assertThat(slot.bootTime()).isZero();
		assertThat(slot.trouble()).isEqualTo(Trouble.NONE);
		assertThat(slot.gcMillis()).isZero();
		assertThat(slot.residentMemory()).isZero();
		assertThat(slot.accepting()).isFalse();
		assertThat(slot.openConnections()).isZero();
		assertThat(slot.busy()).isZero();
		assertThat(slot.activeRequests()).isZero();
		assertThat(slot.waitingRequests()).isZero();
		assertThat(slot.handledRequests()).isZero();
		assertThat(slot.heartbeat()).isBetween(begun, System.nanoTime());
		assertThat(slot.startedAt()).isBetween(before, Instant.now());
	}

	@Test
	void addsFromManyThreadsAndMappingsAreExact() throws Exception {
		WorkerSlot own = create().claim(0, 0, 1, 1);
		WorkerSlot mapped = Scoreboard.open(this.file).slot(0);
		int rounds = 20_000;
		List<Thread> threads = new ArrayList<>();
		for (WorkerSlot slot : List.of(own, mapped, own, mapped)) {
			threads.add(Thread.ofPlatform().start(() -> {
				for (int round = 0; round < rounds; round++) {
					slot.addOpenConnections(2);
					slot.addBusy(-1);
					slot.requestBegan();
					slot.addWaitingRequests(1);
					slot.addOpenConnections(-1);
					slot.requestEnded();
				}
			}));
		}
		for (Thread thread : threads) {
			thread.join();
		}
		assertThat(mapped.openConnections()).isEqualTo(4 * rounds);
		assertThat(mapped.busy()).isEqualTo(-4 * rounds);
		assertThat(mapped.waitingRequests()).isEqualTo(4 * rounds);
		assertThat(mapped.activeRequests()).isZero();
		assertThat(mapped.handledRequests()).isEqualTo(4L * rounds);
	}

	@Test
	void heartbeatGrowsWithEveryBeat() throws IOException {
		WorkerSlot slot = create().claim(0, 0, 1, 1);
		long claimed = slot.heartbeat();
		await().until(() -> {
			slot.beat();
			return slot.heartbeat() > claimed;
		});
		assertThat(slot.heartbeat()).isLessThanOrEqualTo(System.nanoTime());
		Duration age = slot.heartbeatAge();
		assertThat(age).isBetween(Duration.ZERO, Duration.ofNanos(System.nanoTime() - claimed));
	}

	@Test
	void workerWithoutAHeartbeatIsSilentUnlessItLoadsTheApplicationOrIsGone() throws IOException {
		WorkerSlot slot = create().claim(0, 0, 1, 1);
		for (WorkerState state : WorkerState.values()) {
			slot.setState(state);
			boolean mayBeSilent = state != WorkerState.VACANT && state != WorkerState.STARTING;
			patchHeartbeat(WorkerSlot.SILENCE);
			assertThat(slot.isSilent()).as("%s, past it", state).isEqualTo(mayBeSilent);
			assertThat(slot.isServing()).as("%s, past it", state).isFalse();
			patchHeartbeat(WorkerSlot.SILENCE.minusMinutes(1));
			assertThat(slot.isSilent()).as("%s, before it", state).isFalse();
			assertThat(slot.isServing()).as("%s, before it", state).isEqualTo(state == WorkerState.READY);
		}
	}

	private void patchHeartbeat(Duration age) throws IOException {
		patch(HEADER_SIZE + 40, System.nanoTime() - age.toNanos() - 1);
	}

	@Test
	void workerThatAsksAboutItselfIsNeverSilent() {
		WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);
		slot.setState(WorkerState.READY);
		assertThat(slot.heartbeatAge()).isZero();
		assertThat(slot.isServing()).isTrue();
	}

	@Test
	void arbiterThatDoesNotTickIsSilent() throws IOException {
		Scoreboard scoreboard = create();
		assertThat(scoreboard.isArbiterSilent()).as("at its start").isFalse();
		patch(48, System.nanoTime() - Scoreboard.ARBITER_SILENCE.toNanos() - 1);
		assertThat(scoreboard.isArbiterSilent()).as("without a tick").isTrue();
		scoreboard.arbiterBeat();
		assertThat(scoreboard.isArbiterSilent()).as("after a tick").isFalse();
		patch(48, 0L);
		assertThat(scoreboard.isArbiterSilent()).as("of a version that shows none").isFalse();
		assertThat(Scoreboard.solo().isArbiterSilent()).as("where there is none").isFalse();
	}

	@Test
	void heartbeatOfTheFutureIsNotOlderThanNow() throws IOException {
		WorkerSlot slot = create().claim(0, 0, 1, 1);
		patch(HEADER_SIZE + 40, System.nanoTime() + Duration.ofHours(1).toNanos());
		assertThat(slot.heartbeatAge()).isZero();
	}

	@Test
	void bootTimeBeyondTheFieldIsTheLongestThereIs() throws IOException {
		WorkerSlot slot = create().claim(0, 0, 1, 1);
		slot.setBootTime(Duration.ofDays(1000));
		assertThat(slot.bootTime()).isEqualTo(Duration.ofMillis(Integer.MAX_VALUE));
	}

	@Test
	void soloScoreboardHasOneSlotAndNoArbiter() {
		Scoreboard scoreboard = Scoreboard.solo();
		assertThat(scoreboard.arbiterPid()).isZero();
		assertThat(scoreboard.generation()).isOne();
		assertThat(scoreboard.targetWorkers()).isOne();
		WorkerSlot slot = scoreboard.claim(0, 0, 1, 1);
		slot.requestBegan();
		slot.requestEnded();
		assertThat(scoreboard.slots()).singleElement().satisfies((only) -> {
			assertThat(only.state()).isEqualTo(WorkerState.STARTING);
			assertThat(only.handledRequests()).isOne();
		});
		assertThat(Scoreboard.solo().slots()).isEmpty();
	}

	private void patch(int offset, int value) throws IOException {
		write(offset, ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).flip());
	}

	private void patch(int offset, long value) throws IOException {
		write(offset, ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).flip());
	}

	private void write(int offset, ByteBuffer bytes) throws IOException {
		try (FileChannel channel = FileChannel.open(this.file, StandardOpenOption.WRITE)) {
			channel.write(bytes, offset);
		}
	}

}
