package dev.tomcorn.core.arbiter;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Bytes in memory that other processes read, written field by field.
 */
public final class DataBytes {

	private DataBytes() {
	}

	/**
	 * The fields.
	 */
	@FunctionalInterface
	public interface Fields {

		/**
		 * Write the fields.
		 * @param out where to write them
		 * @throws IOException if a text is too long
		 */
		void write(DataOutputStream out) throws IOException;

	}

	/**
	 * Return fields as bytes.
	 * @param fields the fields
	 * @return the bytes
	 * @throws UncheckedIOException if a text is too long
	 */
	public static byte[] of(Fields fields) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try {
			fields.write(new DataOutputStream(bytes));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

}
