package dev.tomcorn.core.incident;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * The files that a JVM leaves when it crashes, {@code hs_err_pid<pid>.log}.
 */
final class CrashLogs {

	private static final int MOST_COPIED = 4 * 1024 * 1024;

	private static final int HEADER = 2048;

	/**
	 * Details that a description leaves out.
	 */
	private static final Pattern ADDRESSES = Pattern.compile(" at pc=0x\\p{XDigit}+, pid=\\d+, tid=\\d+");

	private static final int LONGEST_HEADLINE = 160;

	/**
	 * The stack of the thread that crashed is near the beginning.
	 */
	private static final int UP_TO_STACK = 256 * 1024;

	/**
	 * Such as {@code j  com.example.Orders.list(I)V+10} or
	 * {@code J 1234 c2 com.example.Orders.list(I)V (10 bytes) @ 0x…}.
	 */
	private static final Pattern FRAME = Pattern
		.compile("(?:j|J \\d+%? *(?:c1|c2)?)\\s+(?<class>[\\w.$]{1,300})\\.(?<method>[\\w$<>]{1,100})\\(.{0,1000}");

	/**
	 * Most age of a file. In a container a process id is soon reused, and the file of its
	 * last owner still exists.
	 */
	private static final Duration FRESH = Duration.ofMinutes(10);

	private final List<Path> directories;

	private final InstantSource time;

	CrashLogs(List<Path> directories, InstantSource time) {
		this.directories = List.copyOf(directories);
		this.time = time;
	}

	/**
	 * Return the crash files of processes with this one's working directory. The JVM
	 * writes to the second directory if it cannot write to the first.
	 */
	static CrashLogs ofThisProcess() {
		return new CrashLogs(List.of(Path.of("").toAbsolutePath(), Path.of("/tmp")), InstantSource.system());
	}

	/**
	 * Return the file that a process has left recently, if any.
	 */
	@Nullable Path of(long pid) {
		for (Path directory : this.directories) {
			Path file = directory.resolve("hs_err_pid" + pid + ".log");
			if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Owner.isOurs(file) && isFresh(file)) {
				return file;
			}
		}
		return null;
	}

	private boolean isFresh(Path file) {
		try {
			return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS)
				.toInstant()
				.isAfter(this.time.instant().minus(FRESH));
		}
		catch (IOException ex) {
			return false;
		}
	}

	/**
	 * Return the beginning of a file, which describes the fault.
	 */
	static String header(Path file) {
		try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
			return new String(input.readNBytes(HEADER), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			return "";
		}
	}

	/**
	 * Return the line of a header that names the fault.
	 */
	static Optional<String> headline(String header) {
		return header.lines()
			.map((line) -> line.replaceFirst("^#\\s*", "").replaceAll("\\p{Cntrl}", " ").strip())
			.filter((line) -> !line.isEmpty() && !line.startsWith("A fatal error has been detected"))
			.map((line) -> ADDRESSES.matcher(line).replaceFirst(""))
			.map((line) -> line.substring(0, Math.min(line.length(), LONGEST_HEADLINE)))
			.findFirst();
	}

	/**
	 * Return the first frame of the application in the thread that crashed.
	 * @param file the file
	 * @param frames finds the application's frames
	 * @return the frame's method, or an empty text
	 */
	static String firstFrame(Path file, ApplicationFrames frames) {
		try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
			return new String(input.readNBytes(UP_TO_STACK), StandardCharsets.UTF_8).lines()
				.map(FRAME::matcher)
				.filter(Matcher::matches)
				.filter((frame) -> frames.isApplication(frame.group("class")))
				.map((frame) -> ApplicationFrames.simpleName(frame.group("class")) + "." + frame.group("method"))
				.findFirst()
				.orElse("");
		}
		catch (IOException ex) {
			return "";
		}
	}

	/**
	 * Copy a file up to the size limit.
	 */
	static void copy(Path file, Path folder) throws IOException {
		try (InputStream input = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS);
				OutputStream output = Files.newOutputStream(folder.resolve(file.getFileName()),
						StandardOpenOption.CREATE_NEW)) {
			output.write(input.readNBytes(MOST_COPIED));
		}
	}

}
