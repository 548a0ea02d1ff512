package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A copy of the JDK that runs the tests. Its files may be replaced under a running JVM.
 *
 * @param home its directory
 */
record CopiedJdk(Path home) {

	private static final List<String> EXCHANGED = List.of("bin/java", "lib/libjli.so", "lib/server/libjvm.so",
			"lib/libjava.so", "lib/libnio.so", "lib/libnet.so", "lib/libsyslookup.so", "lib/modules", "lib/tzdb.dat");

	/**
	 * Copy the JDK, by links if possible.
	 */
	static CopiedJdk into(Path home) throws IOException {
		Path jdk = Path.of(Launch.JAVA).toRealPath().getParent().getParent();
		try (Stream<Path> files = Files.walk(jdk)) {
			for (Path file : files.toList()) {
				Path target = home.resolve(jdk.relativize(file));
				if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
					Files.createDirectories(target);
				}
				else if (!linked(target, file)) {
					copy(file, target);
				}
			}
		}
		return new CopiedJdk(home);
	}

	private static boolean linked(Path target, Path file) {
		try {
			Files.createLink(target, file);
			return true;
		}
		catch (IOException ex) {
			// On another disk, or owned by another user
			return false;
		}
	}

	private static void copy(Path file, Path target) throws IOException {
		Files.copy(file, target, LinkOption.NOFOLLOW_LINKS, StandardCopyOption.COPY_ATTRIBUTES);
	}

	String java() {
		return this.home.resolve("bin/java").toString();
	}

	/**
	 * Replace files like packages do, each by a rename. The helper program that starts
	 * processes for Java refuses a JVM of another build.
	 */
	void update() throws IOException {
		for (String name : EXCHANGED) {
			Path file = this.home.resolve(name);
			Path next = file.resolveSibling("next");
			copy(file, next);
			rename(next, file);
		}
		Path helper = this.home.resolve("lib/jspawnhelper");
		Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(helper);
		Path next = Files.writeString(helper.resolveSibling("next"), "#!/bin/sh\nexit 1\n");
		Files.setPosixFilePermissions(next, permissions);
		rename(next, helper);
	}

	private static void rename(Path file, Path target) throws IOException {
		Files.move(file, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
	}

}
