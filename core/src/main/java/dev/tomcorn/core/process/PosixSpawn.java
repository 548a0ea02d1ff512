package dev.tomcorn.core.process;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.foreign.CFunction;
import org.jspecify.annotations.Nullable;

/**
 * The C library calls that start a program, signal it and return its exit code. Constants
 * and sizes are those of Linux on x86-64 and aarch64, with glibc or musl.
 */
final class PosixSpawn {

	/**
	 * More bytes than any of the library's own structures has.
	 */
	private static final int STRUCTURE_SIZE = 512;

	private static final short SETSIGDEF = 0x04;

	private static final short SETSIGMASK = 0x08;

	private static final int SIGPIPE = 13;

	private static final int EINTR = 4;

	private static final int EBADF = 9;

	private static final int P_PID = 1;

	private static final int WEXITED = 4;

	private static final int WNOWAIT = 0x01000000;

	private static final int SIGNAL_BASE = 128;

	private static final int PRIO_PROCESS = 0;

	private static final int LOWEST_PRIORITY = 19;

	private static final int O_WRONLY = 1;

	private static final int O_CREAT = 0x40;

	private static final int O_TRUNC = 0x200;

	private static final int O_APPEND = 0x400;

	private static final int OWNER_ONLY = 0600;

	private static final int FIRST_OTHER_DESCRIPTOR = 3;

	/**
	 * Most descriptors that other threads may open while a program is started.
	 */
	private static final int DESCRIPTOR_MARGIN = 64;

	private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

	private static final CFunction SPAWN = function("posix_spawnp", MemorySegment.class, MemorySegment.class,
			MemorySegment.class, MemorySegment.class, MemorySegment.class, MemorySegment.class);

	private static final CFunction INIT_ACTIONS = function("posix_spawn_file_actions_init", MemorySegment.class);

	private static final CFunction ADD_CLOSE = function("posix_spawn_file_actions_addclose", MemorySegment.class,
			int.class);

	private static final CFunction ADD_OPEN = function("posix_spawn_file_actions_addopen", MemorySegment.class,
			int.class, MemorySegment.class, int.class, int.class);

	private static final CFunction DESTROY_ACTIONS = function("posix_spawn_file_actions_destroy", MemorySegment.class);

	/**
	 * The function for a start directory, in glibc since 2.29, in musl since 1.1.24.
	 */
	private static final @Nullable CFunction ADD_DIRECTORY = CFunction.find("posix_spawn_file_actions_addchdir_np",
			int.class, MemorySegment.class, MemorySegment.class);

	private static final CFunction INIT_ATTRIBUTES = function("posix_spawnattr_init", MemorySegment.class);

	private static final CFunction SET_FLAGS = function("posix_spawnattr_setflags", MemorySegment.class, short.class);

	private static final CFunction SET_MASK = function("posix_spawnattr_setsigmask", MemorySegment.class,
			MemorySegment.class);

	private static final CFunction SET_DEFAULT = function("posix_spawnattr_setsigdefault", MemorySegment.class,
			MemorySegment.class);

	private static final CFunction DESTROY_ATTRIBUTES = function("posix_spawnattr_destroy", MemorySegment.class);

	private static final CFunction WAITID = function("waitid", int.class, int.class, MemorySegment.class, int.class);

	private static final CFunction WAITPID = function("waitpid", int.class, MemorySegment.class, int.class);

	private static final CFunction SET_PRIORITY = function("setpriority", int.class, int.class, int.class);

	private static final CFunction KILL = function("kill", int.class, int.class);

	private static final CFunction GETENV = CFunction.of("getenv", MemorySegment.class, MemorySegment.class);

	private static final CFunction STRERROR = CFunction.of("strerror", MemorySegment.class, int.class);

	private PosixSpawn() {
	}

	private static CFunction function(String name, Class<?>... arguments) {
		return CFunction.of(name, int.class, arguments);
	}

	/**
	 * Look up the functions of the C library before the first program is started.
	 */
	static void prepare() {
		// A call of this method has initialized the class
	}

	/**
	 * Start a program in the background: it reads nothing and writes to a file.
	 * @param words the program, found in the path, and its arguments
	 * @param environment its environment variables, each as name, equals sign and value
	 * @param output file for its output, whose content is replaced
	 * @param lowestPriority whether it gets the lowest priority
	 * @return its process id
	 * @throws IOException if it cannot be started
	 */
	static int startInBackground(ProcessWords words, List<byte[]> environment, Path output, boolean lowestPriority)
			throws IOException {
		int pid;
		try (HiddenFiles files = new HiddenFiles(words)) {
			pid = start(files, environment, null, 0, output);
		}
		if (lowestPriority) {
			// Set before it starts other threads, which inherit the priority
			SET_PRIORITY.call(PRIO_PROCESS, pid, LOWEST_PRIORITY);
		}
		return pid;
	}

	/**
	 * Start a program. It inherits the standard streams, the files that its words name,
	 * and no other descriptor.
	 * @param words the program, found in the path, and its arguments
	 * @param environment its environment variables, each as name, equals sign and value
	 * @param directory its start directory, or {@code null} for that of this process
	 * @param blocked the signals that it blocks, signal n as bit n - 1
	 * @return its process id
	 * @throws IOException if it cannot be started
	 */
	static int start(ProcessWords words, List<byte[]> environment, @Nullable Path directory, long blocked)
			throws IOException {
		try (HiddenFiles files = new HiddenFiles(words)) {
			return start(files, environment, directory, blocked, null);
		}
	}

	private static int start(HiddenFiles files, List<byte[]> environment, @Nullable Path directory, long blocked,
			@Nullable Path output) throws IOException {
		List<byte[]> words = files.words();
		int lastDescriptor = lastDescriptor();
		try (Arena arena = Arena.ofConfined()) {
			MemorySegment actions = arena.allocate(STRUCTURE_SIZE, Long.BYTES);
			MemorySegment attributes = arena.allocate(STRUCTURE_SIZE, Long.BYTES);
			check("start a program", INIT_ACTIONS.call(actions.address()));
			try {
				check("start a program", INIT_ATTRIBUTES.call(attributes.address()));
				try {
					closeDescriptors(actions, lastDescriptor, files);
					redirect(actions, output, arena);
					changeDirectory(actions, directory, arena);
					setSignals(attributes, blocked, arena);
					MemorySegment program = text(words.getFirst(), arena);
					MemorySegment pid = arena.allocate(INT);
					check("run program \"%s\"".formatted(NativeText.decode(words.getFirst())),
							SPAWN.call(pid.address(), program.address(), actions.address(), attributes.address(),
									texts(words, arena).address(), texts(environment, arena).address()));
					return pid.get(INT, 0);
				}
				finally {
					DESTROY_ATTRIBUTES.call(attributes.address());
				}
			}
			finally {
				DESTROY_ACTIONS.call(actions.address());
			}
		}
	}

	/**
	 * Java opens some descriptors that a program inherits, such as those of sockets.
	 */
	private static int lastDescriptor() throws IOException {
		int last = 0;
		try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
			for (Path descriptor : descriptors) {
				last = Math.max(last, Integer.parseInt(descriptor.getFileName().toString()));
			}
		}
		catch (DirectoryIteratorException ex) {
			throw ex.getCause();
		}
		return last;
	}

	/**
	 * Close the other descriptors. Other threads may open more meanwhile, in gaps or
	 * after the last. Closing one that is not open does no harm.
	 */
	private static void closeDescriptors(MemorySegment actions, int last, HiddenFiles files) throws IOException {
		for (int descriptor = FIRST_OTHER_DESCRIPTOR; descriptor <= last + DESCRIPTOR_MARGIN; descriptor++) {
			if (files.has(descriptor)) {
				continue;
			}
			long error = ADD_CLOSE.call(actions.address(), descriptor);
			if (error == EBADF) {
				// Beyond the limit of this process
				return;
			}
			check("close descriptors for a program", error);
		}
	}

	/**
	 * Redirect the standard streams. Descriptor 0 is the listening socket, which must not
	 * stay open in a program that serves no requests.
	 */
	private static void redirect(MemorySegment actions, @Nullable Path output, Arena arena) throws IOException {
		if (output == null) {
			return;
		}
		long file = text(NativeText.encode(output.toString()), arena).address();
		long nothing = text(NativeText.encode("/dev/null"), arena).address();
		check("start a program", ADD_OPEN.call(actions.address(), 0, nothing, 0, 0));
		check("start a program",
				ADD_OPEN.call(actions.address(), 1, file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, OWNER_ONLY));
		check("start a program", ADD_OPEN.call(actions.address(), 2, file, O_WRONLY | O_APPEND, OWNER_ONLY));
	}

	/**
	 * Return whether a program can start in another directory than this process has.
	 */
	static boolean canChangeDirectory() {
		return ADD_DIRECTORY != null;
	}

	private static void changeDirectory(MemorySegment actions, @Nullable Path directory, Arena arena)
			throws IOException {
		if (directory != null && ADD_DIRECTORY != null) {
			check("start a program in " + directory, ADD_DIRECTORY.call(actions.address(),
					text(NativeText.encode(directory.toString()), arena).address()));
		}
	}

	/**
	 * Set the signal mask. Threads of a JVM block signals, and a program inherits the
	 * mask of the thread that starts it.
	 */
	private static void setSignals(MemorySegment attributes, long blocked, Arena arena) throws IOException {
		MemorySegment mask = arena.allocate(STRUCTURE_SIZE, Long.BYTES);
		mask.set(ValueLayout.JAVA_LONG, 0, blocked);
		MemorySegment pipe = arena.allocate(STRUCTURE_SIZE, Long.BYTES);
		pipe.set(ValueLayout.JAVA_LONG, 0, 1L << (SIGPIPE - 1));
		check("start a program", SET_MASK.call(attributes.address(), mask.address()));
		check("start a program", SET_DEFAULT.call(attributes.address(), pipe.address()));
		check("start a program", SET_FLAGS.call(attributes.address(), SETSIGMASK | SETSIGDEF));
	}

	private static void check(String purpose, long error) throws IOException {
		if (error != 0) {
			throw new IOException("Cannot %s: error=%d, %s".formatted(purpose, error, message(error)));
		}
	}

	private static String message(long error) {
		return NativeText.decode(bytes(STRERROR.call(error)));
	}

	/**
	 * Send a signal to a child, which cannot fail.
	 */
	static void kill(int pid, int signal) {
		KILL.call(pid, signal);
	}

	/**
	 * Return the bytes of an environment variable of this process. Java decodes it and
	 * loses bytes that its encoding does not have.
	 * @param name the variable's name
	 * @return the value, or {@code null} if there is none
	 */
	static byte @Nullable [] variable(byte[] name) {
		try (Arena arena = Arena.ofConfined()) {
			long value = GETENV.call(text(name, arena).address());
			return (value != 0) ? bytes(value) : null;
		}
	}

	private static byte[] bytes(long pointer) {
		// This encoding has a character for each byte
		return MemorySegment.ofAddress(pointer)
			.reinterpret(Long.MAX_VALUE)
			.getString(0, StandardCharsets.ISO_8859_1)
			.getBytes(StandardCharsets.ISO_8859_1);
	}

	private static MemorySegment text(byte[] bytes, Arena arena) {
		MemorySegment text = arena.allocate(bytes.length + 1L);
		MemorySegment.copy(bytes, 0, text, ValueLayout.JAVA_BYTE, 0, bytes.length);
		return text;
	}

	private static MemorySegment texts(List<byte[]> texts, Arena arena) {
		MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, texts.size() + 1L);
		for (int i = 0; i < texts.size(); i++) {
			pointers.setAtIndex(ValueLayout.ADDRESS, i, text(texts.get(i), arena));
		}
		return pointers;
	}

	/**
	 * Files in memory without a name, which the started program inherits open.
	 */
	private static final class HiddenFiles implements AutoCloseable {

		/**
		 * A flag since Linux 6.3. Systems that allow no code in such files require it.
		 */
		private static final long MFD_NOEXEC_SEAL = 8;

		/**
		 * Older C libraries have no function for it.
		 */
		private static final CFunction SYSCALL = CFunction.of("syscall", long.class, long.class, MemorySegment.class,
				long.class);

		private static final long MEMFD_CREATE_AARCH64 = 279;

		private static final long MEMFD_CREATE_X86_64 = 319;

		private static final long MEMFD_CREATE = System.getProperty("os.arch").equals("aarch64") ? MEMFD_CREATE_AARCH64
				: MEMFD_CREATE_X86_64;

		private static final CFunction WRITE = CFunction.of("write", long.class, int.class, MemorySegment.class,
				long.class);

		private static final CFunction CLOSE = function("close", int.class);

		private final List<Integer> descriptors = new ArrayList<>();

		private final List<byte[]> words = new ArrayList<>();

		HiddenFiles(ProcessWords words) throws IOException {
			try {
				for (ProcessWords.Part part : words.words()) {
					this.words.add(NativeText.encode(switch (part) {
						case ProcessWords.Part.Word(String text) -> text;
						case ProcessWords.Part.InFile(String text) -> "@/proc/self/fd/" + create(text);
					}));
				}
			}
			catch (IOException | RuntimeException | Error ex) {
				close();
				throw ex;
			}
		}

		private int create(String text) throws IOException {
			try (Arena arena = Arena.ofConfined()) {
				long name = arena.allocateFrom("arguments").address();
				int descriptor = Math.toIntExact(SYSCALL.call(MEMFD_CREATE, name, MFD_NOEXEC_SEAL));
				if (descriptor < 0) {
					descriptor = Math.toIntExact(SYSCALL.call(MEMFD_CREATE, name, 0));
				}
				if (descriptor < 0) {
					throw new IOException("Cannot create a file in memory");
				}
				this.descriptors.add(descriptor);
				byte[] bytes = NativeText.encode(text);
				write(descriptor, text(bytes, arena), bytes.length);
				return descriptor;
			}
		}

		private static void write(int descriptor, MemorySegment bytes, long size) throws IOException {
			long written = 0;
			while (written < size) {
				long count = WRITE.call(descriptor, bytes.address() + written, size - written);
				if (count <= 0) {
					throw new IOException("Cannot write a file in memory");
				}
				written += count;
			}
		}

		List<byte[]> words() {
			return this.words;
		}

		boolean has(int descriptor) {
			return this.descriptors.contains(descriptor);
		}

		@Override
		public void close() {
			// Without an iterator, whose allocation could fail after the program has
			// started
			for (int i = 0; i < this.descriptors.size(); i++) {
				CLOSE.call(this.descriptors.get(i));
			}
		}

	}

	/**
	 * Waits for a child. Allocates its memory before the child exists, because nothing
	 * may fail afterwards.
	 */
	static final class Wait {

		private final Arena arena = Arena.ofAuto();

		private final MemorySegment information = this.arena.allocate(STRUCTURE_SIZE, Long.BYTES);

		private final MemorySegment state = CFunction.callState(this.arena);

		private final MemorySegment status = this.arena.allocate(INT);

		/**
		 * Wait until a child has ended, without collecting its exit code, so that its
		 * process id is not reused.
		 */
		void untilEnded(int pid) {
			try {
				long result;
				do {
					result = WAITID.call(this.state, P_PID, pid, this.information.address(), WEXITED | WNOWAIT);
				}
				while (result != 0 && CFunction.errno(this.state) == EINTR);
			}
			finally {
				// The arena frees its memory as soon as nothing refers to it
				Reference.reachabilityFence(this);
			}
		}

		/**
		 * Collect the exit code of a child that has ended.
		 * @return the exit code, 128 + n after a signal n
		 */
		int exitCode(int pid) {
			try {
				if (WAITPID.call(this.state, pid, this.status.address(), 0) != pid) {
					return -1;
				}
				int code = this.status.get(INT, 0);
				int signal = code & 0x7f;
				return (signal != 0) ? SIGNAL_BASE + signal : (code >>> 8) & 0xff;
			}
			finally {
				Reference.reachabilityFence(this);
			}
		}

	}

}
