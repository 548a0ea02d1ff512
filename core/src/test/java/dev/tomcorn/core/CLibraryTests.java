package dev.tomcorn.core;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares every C library call, with its constants and structures, with the headers of
 * each architecture: a C compiler checks the values of the Java code. A constant of one
 * of the classes must equal the C constant of the same name.
 */
@EnabledOnOs(OS.LINUX)
class CLibraryTests {

	private static final String PACKAGE = "dev.tomcorn.core.";

	private static final List<String> CLASSES = List.of("listener.LibC", "listener.DescriptorMessages",
			"listener.UnixDiagnosis", "process.NativeHeap", "process.PosixSpawn", "process.PosixSpawn$HiddenFiles",
			"process.EndedChildren", "process.WorkerSignals", "scoreboard.SealedMemory");

	/**
	 * Constants with another name in C, or that are expressions.
	 */
	private static final Map<String, String> EXPRESSIONS = Map.ofEntries(
			Map.entry("TCPI_UNACKED", "offsetof(struct tcp_info, tcpi_unacked)"),
			Map.entry("TCPI_SACKED", "offsetof(struct tcp_info, tcpi_sacked)"),
			Map.entry("MSGHDR", "sizeof(struct msghdr)"), Map.entry("MSG_IOV", "offsetof(struct msghdr, msg_iov)"),
			Map.entry("MSG_IOVLEN", "offsetof(struct msghdr, msg_iovlen)"),
			Map.entry("MSG_CONTROL", "offsetof(struct msghdr, msg_control)"),
			Map.entry("MSG_CONTROLLEN", "offsetof(struct msghdr, msg_controllen)"),
			Map.entry("CMSG_SPACE", "CMSG_SPACE(sizeof(int))"), Map.entry("CMSG_LEN", "CMSG_LEN(sizeof(int))"),
			Map.entry("CMSG_LEVEL", "offsetof(struct cmsghdr, cmsg_level)"),
			Map.entry("CMSG_TYPE", "offsetof(struct cmsghdr, cmsg_type)"), Map.entry("CMSG_DATA", "CMSG_LEN(0)"),
			Map.entry("SETSIGDEF", "POSIX_SPAWN_SETSIGDEF"), Map.entry("SETSIGMASK", "POSIX_SPAWN_SETSIGMASK"),
			Map.entry("OWNER_ONLY", "S_IRUSR | S_IWUSR"),
			Map.entry("REQUEST_SIZE", "sizeof(struct nlmsghdr) + sizeof(struct unix_diag_req)"),
			Map.entry("ATTRIBUTES", "sizeof(struct nlmsghdr) + sizeof(struct unix_diag_msg)"));

	/**
	 * Numbers without a name in the C library.
	 */
	private static final Set<String> OWN = Set.of("SIGNAL_BASE", "LOWEST_PRIORITY", "FIRST_OTHER_DESCRIPTOR",
			"DESCRIPTOR_MARGIN", "BLOCKED", "MEMFD_CREATE", "ANSWER_SIZE");

	/**
	 * Sizes of structures whose content does not matter.
	 */
	private static final Map<String, List<String>> ROOM = Map.of("STRUCTURE_SIZE",
			List.of("posix_spawn_file_actions_t", "posix_spawnattr_t", "sigset_t", "siginfo_t"), "SET_SIZE",
			List.of("sigset_t"), "INFORMATION_SIZE", List.of("siginfo_t"));

	/**
	 * Constants of one architecture only.
	 */
	private static final Map<String, String> ARCHITECTURES = Map.of("MEMFD_CREATE_X86_64", "__x86_64__",
			"MEMFD_CREATE_AARCH64", "__aarch64__");

	/**
	 * Values that the code uses without a constant.
	 */
	private static final List<String> STRUCTURES = List.of("sizeof(struct pollfd) == 8",
			"offsetof(struct pollfd, fd) == 0", "offsetof(struct pollfd, events) == 4",
			"sizeof(struct sock_filter) == 8", "offsetof(struct sock_filter, code) == 0",
			"offsetof(struct sock_filter, jt) == 2", "offsetof(struct sock_filter, jf) == 3",
			"offsetof(struct sock_filter, k) == 4", "sizeof(struct sock_fprog) == 16",
			"offsetof(struct sock_fprog, len) == 0", "offsetof(struct sock_fprog, filter) == 8",
			"sizeof(struct timeval) == 16", "offsetof(struct timeval, tv_usec) == 8", "sizeof(struct iovec) == 16",
			"offsetof(struct iovec, iov_base) == 0", "offsetof(struct iovec, iov_len) == 8",
			"offsetof(struct cmsghdr, cmsg_len) == 0", "sizeof(((struct cmsghdr *) 0)->cmsg_len) == 8",
			"sizeof(((struct msghdr *) 0)->msg_controllen) == 8", "sizeof(((struct msghdr *) 0)->msg_iovlen) == 8",
			"sizeof(struct sockaddr_in) == 16", "sizeof(((struct sockaddr *) 0)->sa_family) == 2",
			"offsetof(struct sockaddr_in, sin_family) == 0", "offsetof(struct sockaddr_in, sin_port) == 2",
			"offsetof(struct sockaddr_in, sin_addr) == 4", "sizeof(struct sockaddr_in6) == 28",
			"offsetof(struct sockaddr_in6, sin6_flowinfo) == 4", "offsetof(struct sockaddr_in6, sin6_addr) == 8",
			"offsetof(struct sockaddr_in6, sin6_scope_id) == 24", "offsetof(struct sockaddr_un, sun_path) == 2",
			"sizeof(((struct sockaddr_un *) 0)->sun_path) == 108", "sizeof(((struct tcp_info *) 0)->tcpi_unacked) == 4",
			"sizeof(struct timespec) == 16", "offsetof(struct timespec, tv_nsec) == 8", "sizeof(struct nlmsghdr) == 16",
			"offsetof(struct nlmsghdr, nlmsg_len) == 0", "offsetof(struct nlmsghdr, nlmsg_type) == 4",
			"offsetof(struct nlmsghdr, nlmsg_flags) == 6", "offsetof(struct unix_diag_req, sdiag_family) == 0",
			"offsetof(struct unix_diag_req, udiag_states) == 4", "offsetof(struct unix_diag_req, udiag_ino) == 8",
			"offsetof(struct unix_diag_req, udiag_show) == 12", "offsetof(struct unix_diag_req, udiag_cookie) == 16",
			"sizeof(struct unix_diag_rqlen) == 8", "offsetof(struct unix_diag_rqlen, udiag_rqueue) == 0",
			"offsetof(struct unix_diag_rqlen, udiag_wqueue) == 4", "sizeof(struct nlattr) == 4",
			"offsetof(struct nlattr, nla_len) == 0", "offsetof(struct nlattr, nla_type) == 2", "WTERMSIG(0x0b) == 11",
			"WEXITSTATUS(0x0300) == 3");

	/**
	 * The functions, as the headers declare them.
	 */
	private static final List<String> FUNCTIONS = List.of("int socket(int, int, int)",
			"int setsockopt(int, int, int, const void *, socklen_t)",
			"int getsockopt(int, int, int, void *restrict, socklen_t *restrict)",
			"int bind(int, const struct sockaddr *, socklen_t)", "int connect(int, const struct sockaddr *, socklen_t)",
			"int accept(int, struct sockaddr *restrict, socklen_t *restrict)", "int listen(int, int)",
			"int getsockname(int, struct sockaddr *restrict, socklen_t *restrict)", "int dup(int)",
			"int dup2(int, int)", "int close(int)", "int open(const char *, int, ...)",
			"int poll(struct pollfd *, nfds_t, int)",
			"ssize_t sendto(int, const void *, size_t, int, const struct sockaddr *, socklen_t)",
			"int clock_gettime(clockid_t, struct timespec *)", "ssize_t send(int, const void *, size_t, int)",
			"ssize_t recv(int, void *, size_t, int)", "int malloc_trim(size_t)",
			"ssize_t sendmsg(int, const struct msghdr *, int)", "ssize_t recvmsg(int, struct msghdr *, int)",
			"int posix_spawnp(pid_t *, const char *, const posix_spawn_file_actions_t *, "
					+ "const posix_spawnattr_t *, char *const *, char *const *)",
			"int posix_spawn_file_actions_init(posix_spawn_file_actions_t *)",
			"int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *, int)",
			"int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *, int, const char *, int, mode_t)",
			"int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *, const char *)",
			"int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *)",
			"int posix_spawnattr_init(posix_spawnattr_t *)", "int posix_spawnattr_setflags(posix_spawnattr_t *, short)",
			"int posix_spawnattr_setsigmask(posix_spawnattr_t *, const sigset_t *)",
			"int posix_spawnattr_setsigdefault(posix_spawnattr_t *, const sigset_t *)",
			"int posix_spawnattr_destroy(posix_spawnattr_t *)", "int waitid(idtype_t, id_t, siginfo_t *, int)",
			"pid_t waitpid(pid_t, int *, int)", "int setpriority(int, id_t, int)", "int kill(pid_t, int)",
			"char *getenv(const char *)", "char *strerror(int)", "long syscall(long, ...)",
			"ssize_t write(int, const void *, size_t)", "int memfd_create(const char *, unsigned int)",
			"int fcntl(int, int, ...)", "int prctl(int, ...)",
			"int sigprocmask(int, const sigset_t *restrict, sigset_t *restrict)");

	private static final Map<String, Class<?>> CARRIERS = Map.of("int", int.class, "unsigned int", int.class, "short",
			short.class, "long", long.class, "size_t", long.class, "ssize_t", long.class, "nfds_t", long.class);

	private static final Pattern PROTOTYPE = Pattern.compile("(.+?)(\\w+)\\((.*)\\)");

	private static final Pattern DECLARATION = Pattern
		.compile("(function|of|find|findOrThrow)\\(\\s*\"([a-z_0-9]+)\"((?:,\\s*\\w+\\.class)*)");

	private static final Pattern CARRIER = Pattern.compile("(\\w+)\\.class");

	private static final String HEADERS = Stream
		.of("stddef", "stdlib", "string", "malloc", "errno", "fcntl", "poll", "signal", "spawn", "time", "unistd",
				"linux/filter", "linux/netlink", "linux/sock_diag", "linux/unix_diag", "netinet/in", "netinet/tcp",
				"sys/mman", "sys/prctl", "sys/resource", "sys/socket", "sys/stat", "sys/syscall", "sys/time", "sys/uio",
				"sys/un", "sys/wait")
		.map((header) -> "#include <%s.h>%n".formatted(header))
		.reduce("", String::concat);

	@TempDir
	Path directory;

	/**
	 * A call of the C library in the table.
	 */
	private record Function(String name, String result, List<String> parameters) {

		static Function of(String prototype) {
			MatchResult parts = PROTOTYPE.matcher(prototype).results().findFirst().orElseThrow();
			return new Function(parts.group(2), parts.group(1).strip(), List.of(parts.group(3).split(", ")));
		}

		String type() {
			return "%s (%s)".formatted(this.result, String.join(", ", this.parameters));
		}

		/**
		 * Return the types that are not a pointer, and how many bytes Java has for each.
		 */
		Stream<String> sizes() {
			return Stream.concat(Stream.of(this.result), this.parameters.stream())
				.filter((type) -> !type.equals("...") && !type.contains("*"))
				.map((type) -> "sizeof(%s) == %d".formatted(type,
						(carrier(type) == long.class) ? 8 : (carrier(type) == short.class) ? 2 : 4));
		}

		/**
		 * Return the types of Java's call, that of the result first. After the dots all
		 * types are allowed.
		 */
		List<String> carriers() {
			return Stream.concat(Stream.of(this.result), this.parameters.stream())
				.filter((type) -> !type.equals("..."))
				.map((type) -> carrier(type).getSimpleName())
				.toList();
		}

		private static Class<?> carrier(String type) {
			return type.contains("*") ? MemorySegment.class : CARRIERS.getOrDefault(type, int.class);
		}

	}

	@ParameterizedTest
	@ValueSource(strings = { "x86_64", "aarch64" })
	void constantsAndStructuresAreThoseOfTheHeaders(String architecture) throws IOException {
		List<String> assertions = new ArrayList<>(STRUCTURES);
		constants().forEach((field) -> assertions.addAll(assertions(field)));
		functions().forEach((function) -> function.sizes().forEach(assertions::add));
		assertThat(assertions).hasSizeGreaterThan(100);
		StringBuilder program = new StringBuilder("#define _GNU_SOURCE\n").append(HEADERS);
		for (String assertion : new TreeSet<>(assertions)) {
			program.append(assertion.startsWith("#") ? assertion
					: "_Static_assert(%s, \"%s\");\n".formatted(assertion, assertion));
		}
		compile(architecture, program.toString());
	}

	private static List<String> assertions(Field field) {
		String name = field.getName();
		if (ROOM.containsKey(name)) {
			return ROOM.get(name).stream().map((type) -> "sizeof(%s) <= %s".formatted(type, value(field))).toList();
		}
		if (ARCHITECTURES.containsKey(name)) {
			return List.of("#ifdef %s\n_Static_assert(SYS_memfd_create == %s, \"%s\");\n#endif\n"
				.formatted(ARCHITECTURES.get(name), value(field), name));
		}
		String assertion = "(%s) == %s".formatted(EXPRESSIONS.getOrDefault(name, name), value(field));
		// Newer than the headers of some systems
		return List.of(name.equals("MFD_NOEXEC_SEAL")
				? "#ifdef %s\n_Static_assert(%s, \"%s\");\n#endif\n".formatted(name, assertion, name) : assertion);
	}

	/**
	 * GNU's own declarations of some functions take a union in place of an address.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "x86_64", "aarch64" })
	void functionsAreThoseOfTheHeaders(String architecture) throws IOException {
		Set<String> gnu = Set.of("memfd_create", "posix_spawn_file_actions_addchdir_np");
		compile(architecture, "#define _DEFAULT_SOURCE\n#define _POSIX_C_SOURCE 200809L\n" + HEADERS
				+ prototypes(functions().filter((function) -> !gnu.contains(function.name()))));
		compile(architecture, "#define _GNU_SOURCE\n" + HEADERS
				+ prototypes(functions().filter((function) -> gnu.contains(function.name()))));
	}

	private static String prototypes(Stream<Function> functions) {
		return functions
			.map((function) -> "_Static_assert(__builtin_types_compatible_p(__typeof__(%1$s), %2$s), \"%1$s\");\n"
				.formatted(function.name(), function.type()))
			.reduce("", String::concat);
	}

	@Test
	void functionsAreCalledWithWhatTheyTake() throws IOException {
		Map<String, Function> functions = functions()
			.collect(Collectors.toMap(Function::name, java.util.function.Function.identity()));
		// The few that are not a CFunction declare their types in another way
		List<Declaration> declarations = declarations().stream().filter((declaration) -> !declaration.own()).toList();
		assertThat(declarations).hasSizeGreaterThan(40);
		for (Declaration declaration : declarations) {
			Function function = Objects.requireNonNull(functions.get(declaration.name()));
			List<String> taken = function.carriers();
			boolean variadic = function.parameters().contains("...");
			List<String> called = declaration.types();
			assertThat(variadic ? called.subList(0, taken.size()) : called).as(function.toString()).isEqualTo(taken);
		}
	}

	@Test
	void tableHasEveryFunctionThatTheCodeCalls() throws IOException {
		assertThat(declarations().stream().map(Declaration::name).distinct())
			.containsExactlyInAnyOrderElementsOf(functions().map(Function::name).toList());
	}

	/**
	 * A function that the code looks up.
	 */
	private record Declaration(String name, boolean own, List<String> types) {

		static Declaration of(MatchResult parts) {
			String types = parts.group(1).equals("function") ? ", int.class" + parts.group(3) : parts.group(3);
			return new Declaration(parts.group(2), parts.group(1).equals("findOrThrow"),
					CARRIER.matcher(types).results().map((type) -> type.group(1)).toList());
		}

	}

	private static List<Declaration> declarations() throws IOException {
		List<Declaration> declarations = new ArrayList<>();
		for (String module : List.of("core", "autoconfigure", "actuate")) {
			try (Stream<Path> files = Files.walk(Path.of("..", module, "src/main/java"))) {
				files.filter((file) -> file.toString().endsWith(".java"))
					.map(CLibraryTests::read)
					.filter((source) -> source.contains("core.foreign.CFunction")
							|| source.contains("java.lang.foreign"))
					.flatMap((source) -> DECLARATION.matcher(source).results())
					.forEach((parts) -> declarations.add(Declaration.of(parts)));
			}
		}
		return declarations;
	}

	private static Stream<Function> functions() {
		return FUNCTIONS.stream().map(Function::of);
	}

	private static Stream<Field> constants() {
		return CLASSES.stream()
			.flatMap((name) -> Arrays.stream(type(name).getDeclaredFields()))
			.filter((field) -> Modifier.isStatic(field.getModifiers()) && field.getType().isPrimitive()
					&& !OWN.contains(field.getName()));
	}

	private static Class<?> type(String name) {
		try {
			return Class.forName(PACKAGE + name);
		}
		catch (ClassNotFoundException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String value(Field field) {
		try {
			field.setAccessible(true);
			return Objects.requireNonNull(field.get(null)).toString();
		}
		catch (IllegalAccessException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static String read(Path file) {
		try {
			return Files.readString(file);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private void compile(String architecture, String program) throws IOException {
		String compiler = architecture + "-linux-gnu-gcc";
		Path source = Files.writeString(this.directory.resolve("check.c"), program);
		Process process;
		try {
			process = new ProcessBuilder(compiler, "-std=c11", "-fsyntax-only", source.toString())
				.redirectErrorStream(true)
				.start();
		}
		catch (IOException ex) {
			String missing = "The headers of %s are not looked at: install Debian's packages gcc-%s-linux-gnu and libc6-dev-%s-cross"
				.formatted(architecture, architecture.replace('_', '-'),
						architecture.equals("aarch64") ? "arm64" : "amd64");
			System.out.println(missing);
			Assumptions.assumeTrue(Boolean.getBoolean("aarch64.required"), missing);
			throw ex;
		}
		try {
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("%s: %s", compiler, output).isZero();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
