package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import dev.tomcorn.core.scoreboard.WorkerRecord.InFlight;
import dev.tomcorn.core.scoreboard.WorkerRecord.Note;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class WorkerRecordTests {

	private static final int SLOTS = 4;

	private static final long AGE = 7;

	@TempDir
	private Path directory;

	private final MemorySegment memory = MemorySegment.ofArray(new long[(int) (WorkerRecord.SIZE / Long.BYTES)]);

	private final WorkerRecord record = new WorkerRecord(this.memory);

	@Test
	void requestIsSeenUntilItEnds() {
		int older = this.record.begin(17, "GET", "/orders", 1000);
		int younger = this.record.begin(18, "POST", "/größe/😀", 2000);
		this.record.stage(younger, Stage.SUSPENDED);
		this.record.stack(older, List.of("Orders.list(Orders.java:31)", "Orders.page(Orders.java:12)"));
		assertThat(this.record.inFlight()).containsExactly(
				new InFlight(17, "GET", "/orders", 1000, Stage.RUNNING,
						List.of("Orders.list(Orders.java:31)", "Orders.page(Orders.java:12)")),
				new InFlight(18, "POST", "/größe/😀", 2000, Stage.SUSPENDED, List.of()));
		this.record.end(older);
		assertThat(this.record.inFlight()).extracting(InFlight::number).containsExactly(18L);
		this.record.begin(17, "GET", "/again", 3000);
		assertThat(this.record.inFlight()).last()
			.isEqualTo(new InFlight(17, "GET", "/again", 3000, Stage.RUNNING, List.of()));
	}

	@Test
	void nothingOfAWorkerIsTakenForThatOfTheOneBefore() throws IOException {
		WorkerRecords records = WorkerRecords.createFile(this.directory.resolve("claimed"), SLOTS);
		records.claim(1, AGE);
		WorkerRecord before = records.of(1, AGE);
		before.begin(1, "GET", "/before", 1);
		before.setNote(Note.EXIT_CALLER, "Before.java:1");
		records.claim(1, AGE + 1);
		WorkerRecord after = records.of(1, AGE + 1);
		assertThat(after.inFlight()).isEmpty();
		assertThat(after.note(Note.EXIT_CALLER)).isEmpty();
		after.begin(1, "GET", "/after", 2);
		after.setNote(Note.EXIT_CALLER, "After.java:1");
		assertThat(after.inFlight()).extracting(InFlight::path).containsExactly("/after");
		assertThat(before.inFlight()).isEmpty();
		assertThat(before.note(Note.EXIT_CALLER)).isEmpty();
	}

	/**
	 * A delayed reader must not accept a mixture of two requests.
	 */
	@Test
	void rowOfAnotherWorkerHasAnotherVersion() {
		int row = this.record.begin(1, "GET", "/before", 1);
		long version = 1024 + row * 640L;
		int before = this.memory.get(ValueLayout.JAVA_INT, version);
		this.record.claim(AGE);
		assertThat(this.record.begin(1, "GET", "/after", 2)).isEqualTo(row);
		assertThat(this.memory.get(ValueLayout.JAVA_INT, version)).isNotEqualTo(before);
	}

	@Test
	void figuresOfAnotherWorkerHaveAnotherVersion() {
		MemorySegment slotMemory = MemorySegment.ofArray(new long[(int) (WorkerSlot.SIZE / Long.BYTES)]);
		WorkerSlot slot = new WorkerSlot(0, slotMemory, false);
		slot.claim(0, AGE, 1);
		slot.setFigures(WorkerFigures.NONE);
		int before = slotMemory.get(ValueLayout.JAVA_INT, 256);
		slot.claim(0, AGE + 1, 1);
		slot.setFigures(WorkerFigures.NONE);
		assertThat(slotMemory.get(ValueLayout.JAVA_INT, 256)).isNotEqualTo(before);
	}

	@Test
	void textsAreCutAtACharacter() {
		for (String path : List.of("/" + "a".repeat(5000), "/" + "é".repeat(5000), "/" + "😀".repeat(5000))) {
			int row = this.record.begin(1, "X".repeat(1000), path, 0);
			this.record.stack(row, List.of(path, path));
			InFlight request = this.record.inFlight().getFirst();
			assertThat(path).startsWith(request.path());
			assertThat(request.path().length()).isBetween(100, 255);
			assertThat(request.method()).matches("X{30,39}");
			assertThat(path).startsWith(request.stack().getFirst());
			this.record.end(row);
		}
	}

	@Test
	void nothingThatMovesACursorIsRead() {
		this.record.begin(1, "G\u001bT", "/a\u001b[2J\nWorker 1 died\u202e", 0);
		this.record.setNote(Note.EXIT_CALLER, "Job.java:4\n\u0007");
		assertThat(this.record.inFlight().getFirst().path()).isEqualTo("/a?[2J?Worker?1?died?");
		assertThat(this.record.inFlight().getFirst().method()).isEqualTo("G?T");
		assertThat(this.record.note(Note.EXIT_CALLER)).isEqualTo("Job.java:4??");
		this.record.setNote(Note.CARRIERS, "2 are held\u202e\u2028");
		assertThat(this.record.note(Note.CARRIERS)).isEqualTo("2 are held??");
	}

	@Test
	void thereAreAsManyRowsAsThereAre() {
		List<Integer> rows = new ArrayList<>();
		for (int number = 0; number < 3 * WorkerRecord.ROWS; number++) {
			int row = this.record.begin(number, "GET", "/" + number, number);
			if (row != WorkerRecord.NO_ROW) {
				rows.add(row);
			}
		}
		assertThat(rows).hasSize(WorkerRecord.ROWS).doesNotHaveDuplicates();
		assertThat(this.record.inFlight()).extracting(InFlight::number)
			.isSorted()
			.hasSize(WorkerRecord.ROWS)
			.startsWith(0L, 1L, 2L);
	}

	/**
	 * Consecutive requests that stay leave rows for others.
	 */
	@Test
	void manyThatStayDoNotKeepOthersOut() {
		for (int number = 1; number <= WorkerRecord.ROWS / 2; number++) {
			assertThat(this.record.begin(number, "GET", "/stays", number)).isNotEqualTo(WorkerRecord.NO_ROW);
		}
		int missed = 0;
		for (int number = 1000; number < 11_000; number++) {
			int row = this.record.begin(number, "GET", "/goes", number);
			if (row != WorkerRecord.NO_ROW) {
				this.record.end(row);
			}
			missed += (row == WorkerRecord.NO_ROW) ? 1 : 0;
		}
		assertThat(missed).isZero();
	}

	@Test
	void allRowsAreUsedForThoseThatComeLate() {
		for (int number = 0; number < WorkerRecord.ROWS; number++) {
			assertThat(this.record.beginLate(number, "GET", "/", number)).isNotEqualTo(WorkerRecord.NO_ROW);
		}
		assertThat(this.record.beginLate(1, "GET", "/", 1)).isEqualTo(WorkerRecord.NO_ROW);
	}

	@Test
	void wordsReplaceEachOtherAndAreBounded() {
		this.record.setNote(Note.CARRIERS, "x".repeat(5000));
		assertThat(this.record.note(Note.CARRIERS)).matches("x{100,300}");
		this.record.setNote(Note.CARRIERS, "");
		assertThat(this.record.note(Note.CARRIERS)).isEmpty();
		assertThat(this.record.note(Note.MEMORY)).isEmpty();
	}

	/**
	 * Whatever the memory holds, the arbiter reads bounded data.
	 */
	@Test
	void garbageIsReadWithoutAnError() {
		Random random = new Random(1);
		byte[] garbage = new byte[(int) WorkerRecord.SIZE];
		for (int round = 0; round < 50; round++) {
			random.nextBytes(garbage);
			this.memory.copyFrom(MemorySegment.ofArray(garbage));
			WorkerRecord garbled = new WorkerRecord(this.memory);
			assertThat(garbled.inFlight()).hasSizeBetween(1, WorkerRecord.ROWS).allSatisfy((request) -> {
				assertThat(request.path().codePoints()).noneMatch(Character::isISOControl);
				assertThat(request.path().length()).isLessThan(300);
			});
			for (Note note : Note.values()) {
				assertThat(garbled.note(note).codePoints()).noneMatch(Character::isISOControl);
			}
		}
	}

	/**
	 * Method, path and stack of a reading belong together.
	 */
	@Test
	void readersSeeNoRowThatIsHalfWritten() throws InterruptedException {
		AtomicBoolean end = new AtomicBoolean();
		List<Thread> writers = List.of(writer(end, "ABCDE"), writer(end, "VWXYZ"));
		try {
			for (int seen = 0; seen < 20_000;) {
				for (InFlight request : this.record.inFlight()) {
					String name = request.method().substring(0, 1);
					assertThat(request.path()).isEqualTo("/" + name.repeat(200));
					assertThat(request.stack()).isSubsetOf(name.repeat(250));
					seen++;
				}
			}
		}
		finally {
			end.set(true);
			for (Thread writer : writers) {
				writer.join();
			}
		}
	}

	private Thread writer(AtomicBoolean end, String names) {
		return Thread.ofPlatform().start(() -> {
			for (int at = 0; !end.get(); at++) {
				String name = names.substring(at % names.length(), at % names.length() + 1);
				int row = this.record.begin(5, name.repeat(20), "/" + name.repeat(200), 0);
				this.record.stack(row, List.of(name.repeat(250)));
				this.record.end(row);
			}
		});
	}

	@Test
	void everyProcessSeesTheRecordOfAWorker() throws IOException {
		Path file = this.directory.resolve("records");
		WorkerRecords arbiter = WorkerRecords.create(file, SLOTS);
		assertShared(arbiter, WorkerRecords.open(file, ProcessHandle.current().pid()));
		assertThat(file).as("it is memory without a name").doesNotExist();
	}

	@Test
	void whereThereIsNoSuchMemoryItIsAFile() throws IOException {
		Path file = this.directory.resolve("records");
		WorkerRecords arbiter = WorkerRecords.createFile(file, SLOTS);
		assertShared(arbiter, WorkerRecords.open(file, ProcessHandle.current().pid()));
		Files.delete(file);
		assertThat(WorkerRecords.open(file, ProcessHandle.current().pid()).of(2, AGE + 1)).isNotNull();
	}

	private static void assertShared(WorkerRecords arbiter, WorkerRecords worker) throws IOException {
		assertThat(arbiter.of(2, AGE)).as("not claimed").isNull();
		arbiter.claim(2, AGE);
		WorkerRecord writes = worker.of(2, AGE);
		WorkerRecord reads = arbiter.of(2, AGE);
		assertThat(writes).isNotNull();
		assertThat(reads).isNotNull();
		writes.begin(1, "GET", "/x", 5);
		assertThat(reads.inFlight()).hasSize(1);
		assertThat(worker.of(2, AGE + 1)).as("of another worker").isNull();
		assertThat(worker.of(SLOTS, AGE)).isNull();
		arbiter.claim(2, AGE + 1);
		assertThat(worker.of(2, AGE)).isNull();
		WorkerRecord next = worker.of(2, AGE + 1);
		assertThat(next).isNotNull();
		assertThat(next.inFlight()).as("what the worker before has left").isEmpty();
	}

	@Test
	void memoryIsTakenForSlotsThatAreUsedOnly() throws IOException {
		Path file = this.directory.resolve("records");
		WorkerRecords arbiter = WorkerRecords.createFile(file, 256);
		arbiter.claim(0, 1);
		long blocks = ((Number) Files.getAttribute(file, "unix:size")).longValue();
		assertThat(blocks).isGreaterThan(256 * WorkerRecord.SIZE);
		assertThat(usedBytes(file)).isLessThan(4 * WorkerRecord.SIZE);
	}

	private static long usedBytes(Path file) throws IOException {
		Process du = new ProcessBuilder("du", "--block-size=1", file.toString()).start();
		return Long.parseLong(new String(du.getInputStream().readAllBytes()).split("\\s")[0]);
	}

	@Test
	void whatIsNoRecordOfThisVersionIsRefused() throws IOException {
		Path file = Files.write(this.directory.resolve("records"), new byte[100_000]);
		assertThatIOException().isThrownBy(() -> WorkerRecords.open(file, Long.MAX_VALUE))
			.withMessageContaining("no records of this version");
		assertThatIOException().isThrownBy(() -> WorkerRecords.open(this.directory.resolve("none"), Long.MAX_VALUE));
		assertThat(WorkerRecords.none().of(0, 1)).isNull();
		assertThatIOException().isThrownBy(() -> WorkerRecords.none().claim(0, 1));
	}

}
