package dev.tomcorn.metrics;

import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;

/**
 * Texts in a snapshot: length and UTF-8. Applications may have labels of any length;
 * {@link DataOutput#writeUTF} ends at 64 KB.
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
			throw new IOException("A text is missing");
		}
		return text;
	}

	static @Nullable String readNullable(DataInput input) throws IOException {
		int length = input.readInt();
		if (length == NONE) {
			return null;
		}
		if (length < 0) {
			throw new IOException("A text cannot have " + length + " bytes");
		}
		// What only claims to be long costs no memory
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
