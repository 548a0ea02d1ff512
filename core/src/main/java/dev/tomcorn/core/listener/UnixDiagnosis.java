package dev.tomcorn.core.listener;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import dev.tomcorn.core.foreign.CFunction;
import org.jspecify.annotations.Nullable;

/**
 * Asks the kernel for the queue of a Unix domain socket, as {@code ss -lx} does
 * ({@code sock_diag(7)}, {@code UNIX_DIAG}): such a socket has no {@code TCP_INFO}.
 */
final class UnixDiagnosis {

	private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

	private static final CFunction SEND = CFunction.of("send", long.class, int.class, MemorySegment.class, long.class,
			int.class);

	private static final CFunction RECV = CFunction.of("recv", long.class, int.class, MemorySegment.class, long.class,
			int.class);

	private static final int AF_NETLINK = 16;

	private static final int SOCK_RAW = 3;

	private static final int SOCK_CLOEXEC = 0x80000;

	private static final int NETLINK_SOCK_DIAG = 4;

	private static final short SOCK_DIAG_BY_FAMILY = 20;

	private static final short NLM_F_REQUEST = 1;

	private static final int UDIAG_SHOW_RQLEN = 0x10;

	private static final short UNIX_DIAG_RQLEN = 4;

	private static final int TCP_LISTEN = 10;

	/**
	 * The kernel answers at once.
	 */
	private static final Duration LIMIT = Duration.ofMillis(100);

	// struct nlmsghdr, then struct unix_diag_req

	private static final int REQUEST_SIZE = 16 + 24;

	// struct nlmsghdr, then struct unix_diag_msg, then attributes

	private static final int ATTRIBUTES = 16 + 16;

	private static final int ANSWER_SIZE = 4096;

	private static final String SOCKET = "socket:[";

	private UnixDiagnosis() {
	}

	/**
	 * Return the length and the limit of a listening socket's queue.
	 * @return the queue, or {@code null} if the kernel does not provide it
	 */
	static ListeningSocket.@Nullable Queue queue(int fd) {
		try {
			return ask(inode(fd));
		}
		catch (IOException | LibC.ErrnoException ex) {
			return null;
		}
	}

	private static int inode(int fd) throws IOException {
		String link = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
		if (!link.startsWith(SOCKET)) {
			throw new IOException(link + " is not a socket");
		}
		return Integer.parseUnsignedInt(link.substring(SOCKET.length(), link.length() - 1));
	}

	private static ListeningSocket.@Nullable Queue ask(int inode) {
		int netlink = LibC.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
		try {
			LibC.setTimeout(netlink, LIMIT);
			ListeningSocket.@Nullable Queue[] queue = new ListeningSocket.Queue[1];
			LibC.call("send", (state, arena) -> SEND.call(state, netlink,
					request(arena.allocate(REQUEST_SIZE, Long.BYTES), inode).address(), REQUEST_SIZE, 0));
			LibC.call("recv", (state, arena) -> {
				MemorySegment answer = arena.allocate(ANSWER_SIZE, Long.BYTES);
				int length = (int) RECV.call(state, netlink, answer.address(), ANSWER_SIZE, 0);
				queue[0] = read(answer, length);
				return length;
			});
			return queue[0];
		}
		finally {
			LibC.close(netlink);
		}
	}

	private static MemorySegment request(MemorySegment request, int inode) {
		request.set(INT, 0, REQUEST_SIZE);
		request.set(ValueLayout.JAVA_SHORT, 4, SOCK_DIAG_BY_FAMILY);
		request.set(ValueLayout.JAVA_SHORT, 6, NLM_F_REQUEST);
		request.set(ValueLayout.JAVA_BYTE, 16, (byte) LibC.AF_UNIX);
		request.set(INT, 20, 1 << TCP_LISTEN);
		request.set(INT, 24, inode);
		request.set(INT, 28, UDIAG_SHOW_RQLEN);
		// Any cookie
		request.set(LONG, 32, -1L);
		return request;
	}

	private static ListeningSocket.@Nullable Queue read(MemorySegment answer, int length) {
		if (length < ATTRIBUTES || answer.get(ValueLayout.JAVA_SHORT, 4) != SOCK_DIAG_BY_FAMILY) {
			return null;
		}
		int end = Math.min(length, answer.get(INT, 0));
		int offset = ATTRIBUTES;
		while (offset + 12 <= end) {
			int size = Short.toUnsignedInt(answer.get(ValueLayout.JAVA_SHORT, offset));
			if (answer.get(ValueLayout.JAVA_SHORT, offset + 2) == UNIX_DIAG_RQLEN) {
				return new ListeningSocket.Queue(answer.get(INT, offset + 4), answer.get(INT, offset + 8));
			}
			offset += Math.max((size + 3) & ~3, 4);
		}
		return null;
	}

}
