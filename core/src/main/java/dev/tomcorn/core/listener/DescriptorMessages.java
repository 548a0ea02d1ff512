package dev.tomcorn.core.listener;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import dev.tomcorn.core.foreign.CFunction;

/**
 * Messages over a Unix domain socket that carry a file descriptor from one process to
 * another ({@code SCM_RIGHTS}). The structures are those of 64-bit Linux.
 */
final class DescriptorMessages {

	private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

	private static final CFunction SENDMSG = CFunction.of("sendmsg", long.class, int.class, MemorySegment.class,
			int.class);

	private static final CFunction RECVMSG = CFunction.of("recvmsg", long.class, int.class, MemorySegment.class,
			int.class);

	private static final int MSG_DONTWAIT = 0x40;

	private static final int MSG_NOSIGNAL = 0x4000;

	private static final int MSG_CMSG_CLOEXEC = 0x40000000;

	private static final int SCM_RIGHTS = 1;

	// struct msghdr

	private static final long MSGHDR = 56;

	private static final long MSG_IOV = 16;

	private static final long MSG_IOVLEN = 24;

	private static final long MSG_CONTROL = 32;

	private static final long MSG_CONTROLLEN = 40;

	// struct cmsghdr followed by one descriptor

	private static final long CMSG_SPACE = 24;

	private static final long CMSG_LEN = 20;

	private static final long CMSG_LEVEL = 8;

	private static final long CMSG_TYPE = 12;

	private static final long CMSG_DATA = 16;

	private DescriptorMessages() {
	}

	/**
	 * Send a descriptor. Never waits, because a new connection has space for one message.
	 */
	static void send(int socket, int descriptor) {
		LibC.call("sendmsg", (state, arena) -> {
			Message message = Message.allocate(arena);
			message.control.set(INT, CMSG_LEVEL, LibC.SOL_SOCKET);
			message.control.set(INT, CMSG_TYPE, SCM_RIGHTS);
			message.control.set(LONG, 0, CMSG_LEN);
			message.control.set(INT, CMSG_DATA, descriptor);
			message.header.set(LONG, MSG_CONTROLLEN, CMSG_SPACE);
			return SENDMSG.call(state, socket, message.header.address(), MSG_NOSIGNAL | MSG_DONTWAIT);
		});
	}

	/**
	 * Receive a descriptor.
	 * @return the number that it has in this process
	 * @throws IOException if the next message has none
	 */
	static int receive(int socket) throws IOException {
		int[] descriptor = { -1 };
		int length = LibC.call("recvmsg", (state, arena) -> {
			Message message = Message.allocate(arena);
			// Space for one: the system closes further descriptors
			message.header.set(LONG, MSG_CONTROLLEN, CMSG_LEN);
			long received = RECVMSG.call(state, socket, message.header.address(), MSG_CMSG_CLOEXEC);
			if (received >= 0 && message.header.get(LONG, MSG_CONTROLLEN) >= CMSG_LEN
					&& message.control.get(LONG, 0) == CMSG_LEN
					&& message.control.get(INT, CMSG_LEVEL) == LibC.SOL_SOCKET
					&& message.control.get(INT, CMSG_TYPE) == SCM_RIGHTS) {
				descriptor[0] = message.control.get(INT, CMSG_DATA);
			}
			return received;
		});
		if (descriptor[0] < 0) {
			throw (length == 0) ? new EOFException("Closed before a descriptor was sent")
					: new IOException("A message without a descriptor");
		}
		return descriptor[0];
	}

	/**
	 * A message of one byte, without which Linux carries no descriptor.
	 *
	 * @param header the {@code msghdr}
	 * @param control the {@code cmsghdr}
	 */
	private record Message(MemorySegment header, MemorySegment control) {

		static Message allocate(Arena arena) {
			MemorySegment header = arena.allocate(MSGHDR, 8);
			MemorySegment part = arena.allocate(16, 8);
			MemorySegment control = arena.allocate(CMSG_SPACE, 8);
			part.set(ValueLayout.ADDRESS, 0, arena.allocate(1));
			part.set(LONG, 8, 1);
			header.set(ValueLayout.ADDRESS, MSG_IOV, part);
			header.set(LONG, MSG_IOVLEN, 1);
			header.set(ValueLayout.ADDRESS, MSG_CONTROL, control);
			return new Message(header, control);
		}

	}

}
