package dev.tomcorn.core.control;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Command;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

class MessageCodecTests {

	private static final int HELLO = 1;

	private static final int READY = 2;

	private static final int DRAINING = 3;

	private static final int STOP = 4;

	private static final ArbiterSettings SETTINGS = new ArbiterSettings(7, 2, 3, 4, Duration.ofSeconds(60),
			Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(40), Duration.ofSeconds(10));

	static Stream<Message> messages() {
		return Stream.of(new Message.Hello(0, ""), new Message.Hello(7, "3c5f0a9e-0d2b-4a53-9a0f-6d1f3f7a2b11"),
				new Message.Hello(Long.MIN_VALUE, "x".repeat(MessageCodec.MAX_LENGTH - 9)), new Message.Welcome(),
				new Message.TakeOver("3c5f0a9e"), new Message.Told(new Event.Ready(0, Duration.ZERO, SETTINGS)),
				new Message.Told(new Event.Ready(0, Duration.ofMillis(1800), SETTINGS)),
				new Message.Told(new Event.BootFailed(0, "")),
				new Message.Told(new Event.BootFailed(0, "Port 8080 was already in use.\n→ ü😀")),
				new Message.Order(new Command.Serve(0)), new Message.Operator(),
				new Message.Request(-1, new Operation.Scale(Integer.MAX_VALUE, false)),
				new Message.Request(0, new Operation.Reload(true)), new Message.Request(1, new Operation.Reload(false)),
				new Message.Request(2, new Operation.Recycle(-1, false)),
				new Message.Request(6, new Operation.Scale(1, true)),
				new Message.Request(7, new Operation.Recycle(9, true)), new Message.Request(3, new Operation.Dump(127)),
				new Message.Request(4, new Operation.Stop(true)), new Message.Request(5, new Operation.Stop(false)),
				new Message.Request(8, new Operation.Pause(true)), new Message.Request(9, new Operation.Pause(false)),
				new Message.Request(10, new Operation.Resume(true)),
				new Message.Request(11, new Operation.Resume(false)),
				new Message.Reply(Long.MAX_VALUE, new Answer(Answer.Outcome.STARTED, "")),
				new Message.Reply(2, new Answer(Answer.Outcome.UNKNOWN, "x".repeat(MessageCodec.MAX_LENGTH - 12))),
				new Message.Told(new Event.Draining(0)), new Message.Order(new Command.Stop(0, Duration.ofSeconds(30))),
				new Message.Order(new Command.Stop(0, Duration.ofDays(1000))),
				new Message.Told(new Event.Recycle(0, "max-requests (1000) reached")),
				new Message.Warning("sessions", "in memory"), new Message.Dump("/tmp/incidents/1 a"),
				new Message.Dumped("/tmp/incidents/1 a"));
	}

	@Test
	void flagThatAnEarlierVersionDoesNotSendIsFalse() throws IOException {
		ByteBuffer scale = ByteBuffer.allocate(5).put((byte) 1).putInt(4).flip();
		assertThat(OperationCodec.read(scale)).isEqualTo(new Operation.Scale(4, false));
		ByteBuffer recycle = ByteBuffer.allocate(5).put((byte) 3).putInt(2).flip();
		assertThat(OperationCodec.read(recycle)).isEqualTo(new Operation.Recycle(2, false));
	}

	@ParameterizedTest
	@MethodSource("messages")
	void messageIsReadAsItWasWritten(Message message) throws IOException {
		assertThat(MessageCodec.read(in(bytes(message)))).isEqualTo(message);
	}

	@Test
	void messagesAreReadOneAfterTheOther() throws IOException {
		byte[] first = bytes(new Message.Hello(3, "abc"));
		byte[] second = bytes(new Message.Told(new Event.Draining(0)));
		byte[] both = Arrays.copyOf(first, first.length + second.length);
		System.arraycopy(second, 0, both, first.length, second.length);
		DataInputStream in = in(both);
		assertThat(MessageCodec.read(in)).isEqualTo(new Message.Hello(3, "abc"));
		assertThat(MessageCodec.read(in)).isEqualTo(new Message.Told(new Event.Draining(0)));
		assertThat(MessageCodec.read(in)).isNull();
	}

	@ParameterizedTest
	@MethodSource("messages")
	void messageIsReadHoweverItsBytesArrive(Message message) throws IOException {
		InputStream byteByByte = new ByteArrayInputStream(bytes(message)) {

			@Override
			public synchronized int read(byte[] target, int offset, int length) {
				return super.read(target, offset, Math.min(1, length));
			}

		};
		assertThat(MessageCodec.read(new DataInputStream(byteByByte))).isEqualTo(message);
	}

	@Test
	void whatAWorkerTellsIsOfTheOneThatIsConnectedWhateverItSays() throws IOException {
		assertThat(MessageCodec.read(in(bytes(new Message.Told(new Event.Draining(7)))), 3))
			.isEqualTo(new Message.Told(new Event.Draining(3)));
	}

	@Test
	void endOfTheStreamIsNoMessage() throws IOException {
		assertThat(MessageCodec.read(in())).isNull();
	}

	@ParameterizedTest
	@MethodSource("messages")
	void truncatedMessageIsRefused(Message message) {
		byte[] bytes = bytes(message);
		for (int length = 1; length < bytes.length; length++) {
			byte[] truncated = Arrays.copyOf(bytes, length);
			assertThatExceptionOfType(EOFException.class).as("first %d bytes", length)
				.isThrownBy(() -> MessageCodec.read(in(truncated)));
		}
	}

	@Test
	void messageOfNoBytesIsRefused() {
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 0, DRAINING)))
			.withMessage("Message of 0 bytes");
	}

	@ParameterizedTest
	@ValueSource(ints = { MessageCodec.MAX_LENGTH + 1, 0x7FFF, 0x8000, 0xFFFF })
	void oversizedMessageIsRefusedBeforeItIsRead(int length) {
		CountingStream stream = new CountingStream();
		assertThatIOException()
			.isThrownBy(() -> MessageCodec.read(new DataInputStream(new SequenceInputStream(
					new ByteArrayInputStream(new byte[] { (byte) (length >> 8), (byte) length }), stream))))
			.withMessage("Message of " + length + " bytes");
		assertThat(stream.count).isZero();
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 100, 127, 128, 255 })
	void unknownTypeIsRefused(int type) {
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 1, type)))
			.withMessage("Message of unknown type " + (byte) type);
	}

	@ParameterizedTest
	@ValueSource(ints = { READY, STOP })
	void negativeDurationIsRefused(int type) {
		assertThatIOException()
			.isThrownBy(() -> MessageCodec.read(in(0, 9, type, 255, 255, 255, 255, 255, 255, 255, 255)))
			.withMessage("Duration of -1 ms");
	}

	@ParameterizedTest
	@ValueSource(ints = { HELLO, READY, STOP })
	void messageWithoutItsFieldsIsRefused(int type) {
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 1, type))).withMessage("Message too short");
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 8, type, 0, 0, 0, 0, 0, 0, 0)))
			.withMessage("Message too short");
	}

	@Test
	void unknownOperationAndUnknownOutcomeAreRefused() {
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 10, 12, 0, 0, 0, 0, 0, 0, 0, 1, 8)))
			.withMessage("Operation of unknown type 8");
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(0, 12, 13, 0, 0, 0, 0, 0, 0, 0, 1, 5, 0, 0)))
			.withMessage("Unknown outcome 5");
	}

	@Test
	void garbageCausesNothingButAnIOException() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		int messages = 0;
		for (int attempt = 0; attempt < 200_000; attempt++) {
			byte[] garbage = new byte[random.nextInt(40)];
			random.nextBytes(garbage);
			if (garbage.length > 2 && random.nextBoolean()) {
				// Closer to a valid message
				garbage[0] = 0;
				garbage[1] = (byte) random.nextInt(garbage.length);
				garbage[2] = (byte) random.nextInt(15);
			}
			messages += readAll(garbage, seed);
		}
		assertThat(messages).isPositive();
	}

	private static int readAll(byte[] garbage, long seed) {
		DataInputStream in = in(garbage);
		int messages = 0;
		try {
			while (MessageCodec.read(in) != null) {
				messages++;
			}
		}
		catch (IOException ex) {
			// A valid message
		}
		catch (RuntimeException ex) {
			throw new AssertionError("seed %d: %s".formatted(seed, Arrays.toString(garbage)), ex);
		}
		return messages;
	}

	private static byte[] bytes(Message message) {
		ByteBuffer buffer = MessageCodec.encode(message);
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	private static DataInputStream in(int... bytes) {
		byte[] content = new byte[bytes.length];
		for (int i = 0; i < bytes.length; i++) {
			content[i] = (byte) bytes[i];
		}
		return in(content);
	}

	private static DataInputStream in(byte[] bytes) {
		return new DataInputStream(new ByteArrayInputStream(bytes));
	}

	/**
	 * A stream without end that counts what is read.
	 */
	private static final class CountingStream extends InputStream {

		private long count;

		@Override
		public int read() {
			this.count++;
			return 0;
		}

	}

	@Test
	void messagesThatWereTamperedWithCauseNothingButAnIOException() {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		int read = 0;
		for (Message message : messages().toList()) {
			for (int attempt = 0; attempt < 2000; attempt++) {
				read += readAll(tamperedWith(bytes(message), random), seed);
			}
		}
		assertThat(read).isPositive();
	}

	/**
	 * Change, cut or lengthen a message.
	 */
	static byte[] tamperedWith(byte[] bytes, Random random) {
		byte[] tampered = switch (random.nextInt(3)) {
			case 0 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
			case 1 -> Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20));
			default -> bytes.clone();
		};
		for (int change = random.nextInt(4); change >= 0 && tampered.length > 0; change--) {
			tampered[random.nextInt(Math.min(tampered.length, 40))] = (byte) random.nextInt();
		}
		return tampered;
	}

	@Test
	void textThatIsTooLongIsCutRatherThanRefused() throws IOException {
		Message read = MessageCodec
			.read(in(bytes(new Message.Told(new Event.BootFailed(0, "→".repeat(MessageCodec.MAX_LENGTH))))));
		assertThat(read).isInstanceOfSatisfying(Message.Told.class,
				(told) -> assertThat(told.event()).isInstanceOfSatisfying(Event.BootFailed.class,
						(failed) -> assertThat(failed.report()).startsWith("→".repeat(2000))));
	}

	@Test
	void settingsBeyondTheirLimitsAreRefused() {
		byte[] bytes = bytes(new Message.Told(new Event.Ready(0, Duration.ZERO, SETTINGS)));
		bytes[11] = 127;
		assertThatIOException().isThrownBy(() -> MessageCodec.read(in(bytes)));
	}

}
