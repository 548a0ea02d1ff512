package dev.tomcorn.core.control;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Command;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Messages as bytes: a length of two bytes, a type of one, the fields.
 */
final class MessageCodec {

	/**
	 * Longest message, in bytes.
	 */
	static final int MAX_LENGTH = 8192;

	/**
	 * Longest duration, since the sum of longer ones may overflow.
	 */
	private static final long MAX_DURATION = Duration.ofDays(1000).toMillis();

	private static final byte HELLO = 1;

	private static final byte READY = 2;

	private static final byte DRAINING = 3;

	private static final byte STOP = 4;

	private static final byte RECYCLE = 5;

	private static final byte DUMP = 6;

	private static final byte DUMPED = 7;

	private static final byte WELCOME = 8;

	private static final byte TAKE_OVER = 9;

	private static final byte BOOT_FAILED = 10;

	private static final byte SERVE = 11;

	private static final byte REQUEST = 12;

	private static final byte REPLY = 13;

	private static final byte OPERATOR = 14;

	private static final byte WARNING = 15;

	private static final byte FACTS = 16;

	private MessageCodec() {
	}

	static ByteBuffer encode(Message message) {
		ByteBuffer buffer = ByteBuffer.allocate(2 + MAX_LENGTH).position(2);
		switch (message) {
			case Message.Hello(long age, String token) ->
				buffer.put(HELLO).putLong(age).put(token.getBytes(StandardCharsets.US_ASCII));
			case Message.Welcome() -> buffer.put(WELCOME);
			case Message.TakeOver(String token) -> putText(buffer.put(TAKE_OVER), token);
			case Message.Told(Event.OfWorker event) -> putEvent(buffer, event);
			case Message.Order(Command.Serve(long _)) -> buffer.put(SERVE);
			case Message.Order(Command.Stop(long _, Duration gracefulTimeout)) ->
				buffer.put(STOP).putLong(gracefulTimeout.toMillis());
			case Message.Operator() -> buffer.put(OPERATOR);
			case Message.Request(long number, Operation operation) ->
				OperationCodec.put(buffer.put(REQUEST).putLong(number), operation);
			case Message.Reply(long number, Answer answer) ->
				putText(buffer.put(REPLY).putLong(number).put((byte) answer.outcome().ordinal()), answer.message());
			case Message.Warning(String name, String text) -> putText(putText(buffer.put(WARNING), name), text);
			case Message.Facts(byte[] bytes) ->
				buffer.put(FACTS).put(bytes, 0, Math.min(bytes.length, buffer.remaining()));
			case Message.Dump(String folder) -> putText(buffer.put(DUMP), folder);
			case Message.Dumped(String folder) -> putText(buffer.put(DUMPED), folder);
		}
		buffer.putShort(0, (short) (buffer.position() - 2));
		return buffer.flip();
	}

	private static void putEvent(ByteBuffer buffer, Event.OfWorker event) {
		switch (event) {
			case Event.Ready(long _, Duration boot, @Nullable ArbiterSettings settings) ->
				putSettings(buffer.put(READY).putLong(Math.min(boot.toMillis(), MAX_DURATION)),
						Objects.requireNonNull(settings));
			case Event.BootFailed(long _, String report) -> putText(buffer.put(BOOT_FAILED), report);
			case Event.Recycle(long _, String reason) -> putText(buffer.put(RECYCLE), reason);
			case Event.Draining(long _) -> buffer.put(DRAINING);
		}
	}

	/**
	 * Read the next message that is about no worker, or whose reader knows which.
	 * @return the message, or {@code null} at the end of the stream
	 * @throws IOException if what was read is not a message
	 */
	static @Nullable Message read(DataInputStream in) throws IOException {
		return read(in, 0);
	}

	/**
	 * Read the next message.
	 * @param age the worker that it is about
	 * @return the message, or {@code null} at the end of the stream
	 * @throws IOException if what was read is not a message
	 */
	static @Nullable Message read(DataInputStream in, long age) throws IOException {
		int first = in.read();
		if (first < 0) {
			return null;
		}
		int length = (first << 8) | in.readUnsignedByte();
		if (length < 1 || length > MAX_LENGTH) {
			throw new IOException("Message of " + length + " bytes");
		}
		byte[] bytes = new byte[length];
		in.readFully(bytes);
		return decode(ByteBuffer.wrap(bytes), age);
	}

	private static Message decode(ByteBuffer buffer, long age) throws IOException {
		byte type = buffer.get();
		return switch (type) {
			case HELLO -> new Message.Hello(readLong(buffer), StandardCharsets.US_ASCII.decode(buffer).toString());
			case READY -> new Message.Told(new Event.Ready(age, readDuration(buffer), readSettings(buffer)));
			case WELCOME -> new Message.Welcome();
			case TAKE_OVER -> new Message.TakeOver(readText(buffer));
			case BOOT_FAILED -> new Message.Told(new Event.BootFailed(age, readText(buffer)));
			case SERVE -> new Message.Order(new Command.Serve(age));
			case OPERATOR -> new Message.Operator();
			case REQUEST -> new Message.Request(readLong(buffer), OperationCodec.read(buffer));
			case REPLY -> new Message.Reply(readLong(buffer), new Answer(readOutcome(buffer), readText(buffer)));
			case DRAINING -> new Message.Told(new Event.Draining(age));
			case STOP -> new Message.Order(new Command.Stop(age, readDuration(buffer)));
			case RECYCLE -> new Message.Told(new Event.Recycle(age, readText(buffer)));
			case WARNING -> new Message.Warning(readText(buffer), readText(buffer));
			case FACTS -> new Message.Facts(readBytes(buffer));
			case DUMP -> new Message.Dump(readText(buffer));
			case DUMPED -> new Message.Dumped(readText(buffer));
			default -> throw new IOException("Message of unknown type " + type);
		};
	}

	/**
	 * Write a text, or as much of it as a message can hold.
	 */
	private static ByteBuffer putText(ByteBuffer buffer, String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		int length = Math.min(bytes.length, buffer.remaining() - Short.BYTES);
		return buffer.putShort((short) length).put(bytes, 0, length);
	}

	private static byte[] readBytes(ByteBuffer buffer) {
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	private static String readText(ByteBuffer buffer) throws IOException {
		int length = Short.toUnsignedInt(require(buffer, Short.BYTES).getShort());
		require(buffer, length);
		byte[] bytes = new byte[length];
		buffer.get(bytes);
		return new String(bytes, StandardCharsets.UTF_8);
	}

	private static void putSettings(ByteBuffer buffer, ArbiterSettings settings) {
		buffer.putInt(settings.workers())
			.putInt(settings.standby())
			.putInt(settings.reloadSurge())
			.putInt(settings.recycleSurge())
			.putLong(settings.bootTimeout().toMillis())
			.putLong(settings.timeout().toMillis())
			.putLong(settings.gracefulTimeout().toMillis())
			.putLong(settings.closeTimeout().toMillis())
			.putLong(settings.recordLimit().toMillis());
	}

	private static ArbiterSettings readSettings(ByteBuffer buffer) throws IOException {
		try {
			return new ArbiterSettings(readInt(buffer), readInt(buffer), readInt(buffer), readInt(buffer),
					readDuration(buffer), readDuration(buffer), readDuration(buffer), readDuration(buffer),
					readDuration(buffer));
		}
		catch (IllegalArgumentException ex) {
			throw new IOException(ex);
		}
	}

	private static Answer.Outcome readOutcome(ByteBuffer buffer) throws IOException {
		byte outcome = readByte(buffer);
		Answer.Outcome[] outcomes = Answer.Outcome.values();
		if (outcome < 0 || outcome >= outcomes.length) {
			throw new IOException("Unknown outcome " + outcome);
		}
		return outcomes[outcome];
	}

	static byte readByte(ByteBuffer buffer) throws IOException {
		return require(buffer, Byte.BYTES).get();
	}

	static int readInt(ByteBuffer buffer) throws IOException {
		return require(buffer, Integer.BYTES).getInt();
	}

	private static Duration readDuration(ByteBuffer buffer) throws IOException {
		long millis = readLong(buffer);
		if (millis < 0 || millis > MAX_DURATION) {
			throw new IOException("Duration of " + millis + " ms");
		}
		return Duration.ofMillis(millis);
	}

	private static long readLong(ByteBuffer buffer) throws IOException {
		return require(buffer, Long.BYTES).getLong();
	}

	private static ByteBuffer require(ByteBuffer buffer, int bytes) throws EOFException {
		if (buffer.remaining() < bytes) {
			throw new EOFException("Message too short");
		}
		return buffer;
	}

}
