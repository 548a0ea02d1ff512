package dev.tomcorn.core.listener;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;

import dev.tomcorn.core.foreign.CFunction;

/**
 * The C library calls that Java has no method for. Every method returns the call's result
 * or throws {@link ErrnoException}. Constants are those of Linux on x86-64 and aarch64,
 * which agree.
 */
final class LibC {

	static final int AF_UNIX = 1;

	static final int AF_INET = 2;

	static final int AF_INET6 = 10;

	static final int SOCK_STREAM = 1;

	static final int SOCK_DGRAM = 2;

	private static final int SOCK_CLOEXEC = 0x80000;

	private static final int MSG_DONTWAIT = 0x40;

	private static final int MSG_NOSIGNAL = 0x4000;

	private static final int CLOCK_MONOTONIC = 1;

	static final int SOL_SOCKET = 1;

	private static final int SO_RCVTIMEO = 20;

	private static final int SO_SNDTIMEO = 21;

	static final int SO_REUSEADDR = 2;

	static final int SO_TYPE = 3;

	static final int SO_ACCEPTCONN = 30;

	static final int SO_REUSEPORT = 15;

	private static final int SO_ATTACH_FILTER = 26;

	static final int SO_DETACH_FILTER = 27;

	private static final int IPPROTO_TCP = 6;

	private static final int TCP_INFO = 11;

	/**
	 * Offset in {@code tcp_info} of the length of a listening socket's queue.
	 */
	private static final int TCPI_UNACKED = 24;

	/**
	 * Offset in {@code tcp_info} of the limit of that queue.
	 */
	private static final int TCPI_SACKED = 28;

	static final int IPPROTO_IPV6 = 41;

	static final int IPV6_V6ONLY = 26;

	static final int O_RDONLY = 0;

	static final short POLLIN = 1;

	static final int EINTR = 4;

	static final int EAGAIN = 11;

	static final int EACCES = 13;

	static final int EAFNOSUPPORT = 97;

	static final int EADDRINUSE = 98;

	static final int ENOBUFS = 105;

	static final int EADDRNOTAVAIL = 99;

	private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

	private static final CFunction SOCKET = function("socket", int.class, int.class, int.class);

	private static final CFunction SETSOCKOPT = function("setsockopt", int.class, int.class, int.class,
			MemorySegment.class, int.class);

	private static final CFunction GETSOCKOPT = function("getsockopt", int.class, int.class, int.class,
			MemorySegment.class, MemorySegment.class);

	private static final CFunction BIND = function("bind", int.class, MemorySegment.class, int.class);

	private static final CFunction CONNECT = function("connect", int.class, MemorySegment.class, int.class);

	private static final CFunction ACCEPT = function("accept", int.class, MemorySegment.class, MemorySegment.class);

	private static final CFunction LISTEN = function("listen", int.class, int.class);

	private static final CFunction GETSOCKNAME = function("getsockname", int.class, MemorySegment.class,
			MemorySegment.class);

	private static final CFunction DUP = function("dup", int.class);

	private static final CFunction DUP2 = function("dup2", int.class, int.class);

	private static final CFunction CLOSE = function("close", int.class);

	private static final CFunction OPEN = function("open", MemorySegment.class, int.class);

	private static final CFunction POLL = function("poll", MemorySegment.class, long.class, int.class);

	private static final CFunction SENDTO = CFunction.of("sendto", long.class, int.class, MemorySegment.class,
			long.class, int.class, MemorySegment.class, int.class);

	private static final CFunction CLOCK_GETTIME = function("clock_gettime", int.class, MemorySegment.class);

	private LibC() {
	}

	private static CFunction function(String name, Class<?>... arguments) {
		return CFunction.of(name, int.class, arguments);
	}

	static int socket(int domain) {
		return socket(domain, SOCK_STREAM, 0);
	}

	static int socket(int domain, int type, int protocol) {
		return call("socket", (state) -> SOCKET.call(state, domain, type, protocol));
	}

	/**
	 * Open a datagram socket that child processes do not inherit.
	 */
	static int datagramSocket(int domain) {
		return call("socket", (state) -> SOCKET.call(state, domain, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	}

	/**
	 * Send a message without waiting for room.
	 */
	static void sendTo(int fd, byte[] message, byte[] address) {
		call("sendto",
				(state, arena) -> SENDTO.call(state, fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, message).address(),
						message.length, MSG_DONTWAIT | MSG_NOSIGNAL,
						arena.allocateFrom(ValueLayout.JAVA_BYTE, address).address(), address.length));
	}

	/**
	 * Return the time of the clock that all processes of the machine share.
	 */
	static Duration monotonicTime() {
		long[] time = new long[2];
		call("clock_gettime", (state, arena) -> {
			MemorySegment timespec = arena.allocate(LONG, time.length);
			long result = CLOCK_GETTIME.call(state, CLOCK_MONOTONIC, timespec.address());
			MemorySegment.copy(timespec, LONG, 0, time, 0, time.length);
			return result;
		});
		return Duration.ofSeconds(time[0], time[1]);
	}

	static void setOption(int fd, int level, int option, int value) {
		call("setsockopt", (state, arena) -> SETSOCKOPT.call(state, fd, level, option,
				arena.allocateFrom(INT, value).address(), Integer.BYTES));
	}

	/**
	 * Return the value of an option of a socket.
	 */
	static int option(int fd, int level, int option) {
		int[] value = new int[1];
		call("getsockopt", (state, arena) -> {
			MemorySegment place = arena.allocate(INT);
			long result = GETSOCKOPT.call(state, fd, level, option, place.address(),
					arena.allocateFrom(INT, Integer.BYTES).address());
			value[0] = place.get(INT, 0);
			return result;
		});
		return value[0];
	}

	/**
	 * Attach a classic packet filter to a socket.
	 * @param program instructions in the kernel's format: code in the upper 16 bits, then
	 * jumps of 8 bits each, then an operand of 32
	 */
	static void attachFilter(int fd, long... program) {
		call("setsockopt", (state, arena) -> {
			MemorySegment instructions = arena.allocate(LONG, program.length);
			for (int i = 0; i < program.length; i++) {
				long offset = (long) i * Long.BYTES;
				instructions.set(ValueLayout.JAVA_SHORT, offset, (short) (program[i] >>> 48));
				instructions.set(ValueLayout.JAVA_BYTE, offset + 2, (byte) (program[i] >>> 40));
				instructions.set(ValueLayout.JAVA_BYTE, offset + 3, (byte) (program[i] >>> 32));
				instructions.set(INT, offset + 4, (int) program[i]);
			}
			MemorySegment header = arena.allocate(16, 8);
			header.set(ValueLayout.JAVA_SHORT, 0, (short) program.length);
			header.set(ValueLayout.ADDRESS, 8, instructions);
			return SETSOCKOPT.call(state, fd, SOL_SOCKET, SO_ATTACH_FILTER, header.address(), header.byteSize());
		});
	}

	/**
	 * Return the length and the limit of a listening socket's queue.
	 */
	static ListeningSocket.Queue queue(int fd) {
		int[] queue = new int[2];
		call("getsockopt", (state, arena) -> {
			MemorySegment info = arena.allocate(TCPI_SACKED + Integer.BYTES, 8);
			long result = GETSOCKOPT.call(state, fd, IPPROTO_TCP, TCP_INFO, info.address(),
					arena.allocateFrom(INT, (int) info.byteSize()).address());
			queue[0] = info.get(INT, TCPI_UNACKED);
			queue[1] = info.get(INT, TCPI_SACKED);
			return result;
		});
		return new ListeningSocket.Queue(queue[0], queue[1]);
	}

	static void bind(int fd, byte[] address) {
		call("bind", (state, arena) -> BIND.call(state, fd,
				arena.allocateFrom(ValueLayout.JAVA_BYTE, address).address(), address.length));
	}

	static void connect(int fd, byte[] address) {
		call("connect", (state, arena) -> CONNECT.call(state, fd,
				arena.allocateFrom(ValueLayout.JAVA_BYTE, address).address(), address.length));
	}

	/**
	 * Wait for a connection and take it.
	 * @return the connection's descriptor
	 */
	static int accept(int fd) {
		return call("accept", (state) -> ACCEPT.call(state, fd, 0, 0));
	}

	/**
	 * Limit how long connecting, sending and receiving may wait.
	 */
	static void setTimeout(int fd, Duration limit) {
		for (int option : new int[] { SO_RCVTIMEO, SO_SNDTIMEO }) {
			call("setsockopt", (state, arena) -> {
				MemorySegment time = arena.allocateFrom(LONG, limit.toSeconds(), limit.toMillisPart() * 1000L);
				return SETSOCKOPT.call(state, fd, SOL_SOCKET, option, time.address(), time.byteSize());
			});
		}
	}

	static void listen(int fd, int backlog) {
		call("listen", (state) -> LISTEN.call(state, fd, backlog));
	}

	/**
	 * Return the {@code sockaddr} a socket is bound to.
	 */
	static byte[] socketName(int fd) {
		byte[] name = new byte[SocketAddresses.MAX_LENGTH];
		call("getsockname", (state, arena) -> {
			MemorySegment address = arena.allocate(name.length);
			MemorySegment length = arena.allocateFrom(INT, name.length);
			long result = GETSOCKNAME.call(state, fd, address.address(), length.address());
			MemorySegment.copy(address, ValueLayout.JAVA_BYTE, 0, name, 0, name.length);
			return result;
		});
		return name;
	}

	static int dup(int fd) {
		return call("dup", (state) -> DUP.call(state, fd));
	}

	static void dup2(int from, int to) {
		call("dup2", (state) -> DUP2.call(state, from, to));
	}

	static void close(int fd) {
		call("close", (state) -> CLOSE.call(state, fd));
	}

	static int open(String path, int flags) {
		return call("open", (state, arena) -> OPEN.call(state, arena.allocateFrom(path).address(), flags));
	}

	/**
	 * Wait until a descriptor can be read from.
	 * @return whether it can; also {@code false} when a signal ended the wait
	 */
	static boolean awaitReadable(int fd, Duration limit) {
		try {
			return call("poll", (state, arena) -> {
				MemorySegment pollfd = arena.allocate(8, 4);
				pollfd.set(INT, 0, fd);
				pollfd.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
				return POLL.call(state, pollfd.address(), 1, (int) limit.toMillis());
			}) > 0;
		}
		catch (ErrnoException ex) {
			if (ex.errno() == EINTR) {
				return false;
			}
			throw ex;
		}
	}

	private static int call(String name, SimpleCall call) {
		return call(name, (state, arena) -> call.invoke(state));
	}

	static int call(String name, Call call) {
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment state = CFunction.callState(arena);
			int result = (int) call.invoke(state, arena);
			if (result < 0) {
				throw new ErrnoException(name, CFunction.errno(state));
			}
			return result;
		}
	}

	@FunctionalInterface
	private interface SimpleCall {

		long invoke(MemorySegment state);

	}

	@FunctionalInterface
	interface Call {

		long invoke(MemorySegment state, Arena arena);

	}

	/**
	 * A C library call failed.
	 */
	static final class ErrnoException extends RuntimeException {

		private final int errno;

		ErrnoException(String function, int errno) {
			super(function + " failed with errno " + errno);
			this.errno = errno;
		}

		int errno() {
			return this.errno;
		}

	}

}
