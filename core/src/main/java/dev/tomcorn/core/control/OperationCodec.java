package dev.tomcorn.core.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

import dev.tomcorn.core.arbiter.Operation;

/**
 * Operations as bytes: a type of one byte, the fields.
 */
final class OperationCodec {

	private static final byte SCALE = 1;

	private static final byte RELOAD = 2;

	private static final byte RECYCLE = 3;

	private static final byte DUMP = 4;

	private static final byte STOP = 5;

	private static final byte PAUSE = 6;

	private static final byte RESUME = 7;

	private OperationCodec() {
	}

	static void put(ByteBuffer buffer, Operation operation) {
		switch (operation) {
			case Operation.Scale(int workers, boolean awaitEnd) -> putFlag(buffer.put(SCALE).putInt(workers), awaitEnd);
			case Operation.Reload(boolean awaitEnd, String release) -> {
				putFlag(buffer.put(RELOAD), awaitEnd);
				buffer.put(StandardCharsets.US_ASCII.encode(release));
			}
			case Operation.Recycle(int index, boolean awaitEnd) -> putFlag(buffer.put(RECYCLE).putInt(index), awaitEnd);
			case Operation.Dump(int index) -> buffer.put(DUMP).putInt(index);
			case Operation.Stop(boolean fast) -> putFlag(buffer.put(STOP), fast);
			case Operation.Pause(boolean awaitEnd) -> putFlag(buffer.put(PAUSE), awaitEnd);
			case Operation.Resume(boolean awaitEnd) -> putFlag(buffer.put(RESUME), awaitEnd);
		}
	}

	static Operation read(ByteBuffer buffer) throws IOException {
		byte type = MessageCodec.readByte(buffer);
		return switch (type) {
			case SCALE -> new Operation.Scale(MessageCodec.readInt(buffer), readLastFlag(buffer));
			case RELOAD -> new Operation.Reload(readFlag(buffer), StandardCharsets.US_ASCII.decode(buffer).toString());
			case RECYCLE -> new Operation.Recycle(MessageCodec.readInt(buffer), readLastFlag(buffer));
			case DUMP -> new Operation.Dump(MessageCodec.readInt(buffer));
			case STOP -> new Operation.Stop(readFlag(buffer));
			case PAUSE -> new Operation.Pause(readFlag(buffer));
			case RESUME -> new Operation.Resume(readFlag(buffer));
			default -> throw new IOException("Operation of unknown type " + type);
		};
	}

	private static void putFlag(ByteBuffer buffer, boolean flag) {
		buffer.put((byte) (flag ? 1 : 0));
	}

	private static boolean readFlag(ByteBuffer buffer) throws IOException {
		return MessageCodec.readByte(buffer) != 0;
	}

	/**
	 * Read a flag that clients of earlier versions leave out.
	 */
	private static boolean readLastFlag(ByteBuffer buffer) throws IOException {
		return buffer.hasRemaining() && readFlag(buffer);
	}

}
