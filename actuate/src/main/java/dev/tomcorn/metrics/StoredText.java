package dev.tomcorn.metrics;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Strings in a snapshot: length and UTF-8. Labels may have any length, while
 * {@link DataOutput#writeUTF} is limited to 64 KB.
 */
final class StoredText {

	private static final int NONE = -1;

	private static final int CHUNK = 8 * 1024;

	private StoredText() {
	}

	static void write(@Nullable String text, DataOutput output) throws IOException {
		if (text == null) {
			output.writeInt(NONE);
			return;
		}
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		output.writeInt(bytes.length);
		output.write(bytes);
	}

	static String read(DataInput input) throws IOException {
		String text = readNullable(input);
		if (text == null) {
			throw new IOException("A string is missing");
		}
		return text;
	}

	static @Nullable String readNullable(DataInput input) throws IOException {
		int length = input.readInt();
		if (length == NONE) {
			return null;
		}
		if (length < 0) {
			throw new IOException("A string cannot have " + length + " bytes");
		}
		// A false length must not allocate memory
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		byte[] chunk = new byte[Math.min(length, CHUNK)];
		while (bytes.size() < length) {
			int size = Math.min(length - bytes.size(), chunk.length);
			input.readFully(chunk, 0, size);
			bytes.write(chunk, 0, size);
		}
		return bytes.toString(StandardCharsets.UTF_8);
	}

}
