package dev.tomcorn.it;

import java.util.Random;
import java.util.zip.CRC32;

import dev.tomcorn.it.Wire.Reply;
import org.jspecify.annotations.Nullable;

/**
 * A request of the mixed load. The client knows its right answer.
 *
 * @param path the requested path
 * @param offset where in the random bytes the body begins
 * @param length length of the body; negative when there is none, as with GET
 */
record Call(String path, int offset, int length) {

	static final int MAX_LENGTH = 64 * 1024;

	private static final byte[] BYTES = randomBytes();

	private static final int OK = 200;

	private static byte[] randomBytes() {
		byte[] bytes = new byte[2 * MAX_LENGTH];
		new Random(1).nextBytes(bytes);
		return bytes;
	}

	/**
	 * Return the next request of a client: as many GET as POST, with bodies up to 64 KB,
	 * most of them small.
	 * @param random the client's random numbers
	 * @param workMillis how long the application takes for it, at least
	 */
	static Call next(Random random, int workMillis) {
		if (random.nextBoolean()) {
			return new Call((workMillis > 0) ? "/io?ms=" + workMillis : "/whoami", 0, -1);
		}
		int length = (int) Math.pow(2, random.nextDouble() * 16.0001) - 1;
		return new Call((workMillis > 0) ? "/echo?ms=" + workMillis : "/echo", random.nextInt(MAX_LENGTH),
				Math.min(length, MAX_LENGTH));
	}

	boolean post() {
		return this.length >= 0;
	}

	int bodyLength() {
		return Math.max(0, this.length);
	}

	/**
	 * Copy a part of the body.
	 */
	void body(int from, byte[] target, int position, int count) {
		System.arraycopy(BYTES, this.offset + from, target, position, count);
	}

	/**
	 * Return what is wrong with the answer.
	 * @return the fault, {@code null} if it is the right answer
	 */
	@Nullable String fault(Reply reply) {
		boolean right = reply.status() == OK && reply.server() > 0 && (!post() || reply.body().startsWith(echo()));
		return right ? null : "%d %s".formatted(reply.status(), reply.body());
	}

	private String echo() {
		CRC32 checksum = new CRC32();
		checksum.update(BYTES, this.offset, this.length);
		return "{\"length\":%d,\"checksum\":%d,".formatted(this.length, checksum.getValue());
	}

	@Override
	public String toString() {
		return post() ? "POST %s with %d bytes".formatted(this.path, this.length) : "GET " + this.path;
	}

}
