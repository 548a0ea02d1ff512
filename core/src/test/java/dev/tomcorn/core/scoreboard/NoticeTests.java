package dev.tomcorn.core.scoreboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class NoticeTests {

	private static final int SLOTS = 3;

	private static final int VERSION_OFFSET = 384 + SLOTS * (int) WorkerSlot.SIZE;

	private static final int LENGTH_OFFSET = VERSION_OFFSET + 4;

	private Path file;

	private Scoreboard arbiter;

	private Scoreboard worker;

	@BeforeEach
	void setUp(@TempDir Path directory) throws IOException {
		this.file = directory.resolve("scoreboard");
		this.arbiter = Scoreboard.create(this.file, SLOTS, 1);
		this.worker = Scoreboard.open(this.file);
	}

	@Test
	void thereIsNoneAtFirst() {
		assertThat(this.worker.notice()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 1000, Scoreboard.MAX_NOTICE })
	void noticeIsReadAsItWasPosted(int length) {
		this.arbiter.post(filled(length, 7));
		assertThat(this.worker.notice()).isEqualTo(filled(length, 7));
	}

	@Test
	void lastNoticeCounts() {
		this.arbiter.post(filled(1000, 1));
		this.arbiter.post(filled(10, 2));
		assertThat(this.worker.notice()).isEqualTo(filled(10, 2));
	}

	@Test
	void noticeIsCopiedOnceUntilAnotherIsPosted() {
		this.arbiter.post(filled(10, 1));
		byte[] first = this.worker.notice();
		assertThat(this.worker.notice()).isSameAs(first);
		this.arbiter.post(filled(10, 1));
		assertThat(this.worker.notice()).isNotSameAs(first).isEqualTo(first);
	}

	@Test
	void noticeThatIsTooLongIsRefusedAndLeavesTheOneBefore() {
		this.arbiter.post(filled(10, 1));
		assertThatIllegalArgumentException().isThrownBy(() -> this.arbiter.post(new byte[Scoreboard.MAX_NOTICE + 1]));
		assertThat(this.worker.notice()).isEqualTo(filled(10, 1));
	}

	@Test
	void noticeWhoseWriterHasStoppedHalfwayIsNotRead() throws IOException {
		this.arbiter.post(filled(10, 1));
		patch(VERSION_OFFSET, 3);
		assertThat(this.worker.notice()).isEmpty();
		this.arbiter.post(filled(20, 2));
		assertThat(this.worker.notice()).isEqualTo(filled(20, 2));
	}

	@Test
	void noticeThatWasReadStaysUntilTheNextCanBeRead() throws IOException {
		this.arbiter.post(filled(10, 1));
		assertThat(this.worker.notice()).isEqualTo(filled(10, 1));
		patch(VERSION_OFFSET, 3);
		assertThat(this.worker.notice()).isEqualTo(filled(10, 1));
		this.arbiter.post(filled(0, 2));
		assertThat(this.worker.notice()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, Scoreboard.MAX_NOTICE + 1, Integer.MAX_VALUE, Integer.MIN_VALUE })
	void absurdLengthIsNotRead(int length) throws IOException {
		this.arbiter.post(filled(10, 1));
		patch(LENGTH_OFFSET, length);
		assertThat(this.worker.notice()).isEmpty();
	}

	@Test
	void slotsAreLeftAlone() {
		WorkerSlot slot = this.arbiter.claim(SLOTS - 1, 2, 9, 1);
		this.arbiter.post(filled(Scoreboard.MAX_NOTICE, -1));
		assertThat(slot.age()).isEqualTo(9);
		assertThat(slot.state()).isEqualTo(WorkerState.STARTING);
		assertThat(slot.handledRequests()).isZero();
	}

	@Test
	void readersNeverSeeHalfOfANotice() throws Exception {
		try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
			List<Future<?>> readers = new ArrayList<>();
			for (int reader = 0; reader < 3; reader++) {
				Scoreboard scoreboard = Scoreboard.open(this.file);
				readers.add(executor.submit(() -> read(scoreboard, 1000)));
			}
			for (int number = 1; !readers.stream().allMatch(Future::isDone); number++) {
				this.arbiter.post(filled(1 + number % 5000, number));
			}
			for (Future<?> reader : readers) {
				reader.get();
			}
		}
	}

	/**
	 * Read different notices, each of which consists of one repeated byte.
	 */
	private static void read(Scoreboard scoreboard, int count) {
		int read = 0;
		int lastLength = 0;
		while (read < count) {
			byte[] notice = scoreboard.notice();
			for (byte some : notice) {
				if (some != notice[0]) {
					throw new AssertionError("Half of a notice");
				}
			}
			if (notice.length > 0 && notice.length != lastLength) {
				read++;
				lastLength = notice.length;
			}
		}
	}

	private static byte[] filled(int length, int content) {
		byte[] bytes = new byte[length];
		Arrays.fill(bytes, (byte) content);
		return bytes;
	}

	private void patch(int offset, int value) throws IOException {
		try (FileChannel channel = FileChannel.open(this.file, StandardOpenOption.WRITE)) {
			channel.write(ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).flip(),
					offset);
		}
	}

}
