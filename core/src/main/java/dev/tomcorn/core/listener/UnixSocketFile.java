package dev.tomcorn.core.listener;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * The file by which clients find a Unix domain socket. It outlives its socket. The file
 * of a killed process is replaced, that of a running process is not.
 */
final class UnixSocketFile {

	/**
	 * The bits of a file's mode for its type, {@code S_IFMT}.
	 */
	private static final int FILE_TYPE = 0170000;

	/**
	 * The type of a socket, {@code S_IFSOCK}.
	 */
	private static final int SOCKET = 0140000;

	/**
	 * Longest path in bytes that Java connects to.
	 */
	static final int MAX_PATH = SocketAddresses.MAX_PATH - 1;

	private static final String ASIDE = ".";

	/**
	 * Longest path of a directory in bytes: a name such as {@code .1a2b3} must fit, with
	 * the largest process id that Linux gives.
	 */
	static final int MAX_DIRECTORY = MAX_PATH - "/.2hwps".length();

	private final BindAddress.Unix address;

	/**
	 * Distinguishes the file from another one of that name.
	 */
	private volatile @Nullable String key;

	private UnixSocketFile(BindAddress.Unix address, @Nullable String key) {
		this.address = address;
		this.key = key;
	}

	/**
	 * Prepare the path of a socket.
	 * @param address its address
	 * @return its file, which does not exist yet
	 * @throws BindFailure if it cannot be created
	 */
	static UnixSocketFile makeRoom(BindAddress.Unix address) {
		Path path = address.path();
		Path directory = Objects.requireNonNull(path.getParent());
		if (!Files.isDirectory(directory)) {
			throw new BindFailure(address, "%s is not a directory.".formatted(directory),
					"Create it, for instance by RuntimeDirectory of a systemd service, or set tomcorn.bind to another "
							+ "path.",
					null);
		}
		try {
			removeStale(address);
		}
		catch (NoSuchFileException ex) {
			// No file is in the way
		}
		catch (IOException ex) {
			throw new BindFailure(address, "%s exists and cannot be replaced (%s).".formatted(path, ex),
					"Remove it, or set tomcorn.bind to another path.", ex);
		}
		if (!Files.isWritable(directory)) {
			throw notPermitted(address, null);
		}
		return new UnixSocketFile(address, null);
	}

	/**
	 * Return the file of a socket that another process of this fleet has opened.
	 * @param path where it is
	 * @param key its {@link #key()} there
	 */
	static UnixSocketFile of(Path path, String key) {
		return new UnixSocketFile(new BindAddress.Unix("unix:" + path, path, null, null, null), key);
	}

	static BindFailure notPermitted(BindAddress.Unix address, @Nullable Throwable cause) {
		return new BindFailure(address,
				"This user may not create a socket in %s.".formatted(address.path().getParent()),
				"Give this user the right to write there, or set tomcorn.bind to another path.", cause);
	}

	static BindFailure other(BindAddress.Unix address, Exception cause) {
		return new BindFailure(address, "%s cannot be opened (%s).".formatted(address.path(), cause.getMessage()),
				"Set tomcorn.bind to another path, and check the limits of this process.", cause);
	}

	/**
	 * Rename a stale file before deleting it: another process may have created a new one
	 * meanwhile.
	 */
	private static void removeStale(BindAddress.Unix address) throws IOException {
		Path path = address.path();
		if (!isSocket(path)) {
			throw new BindFailure(address, "%s exists and is not a socket.".formatted(path),
					"Remove it, or set tomcorn.bind to another path.", null);
		}
		if (isServed(path)) {
			throw new BindFailure(address, "Another process listens on %s.".formatted(path),
					"Identify and stop that process, or set tomcorn.bind to another path.", null);
		}
		Path aside = path.resolveSibling(ASIDE + Long.toString(ProcessHandle.current().pid(), Character.MAX_RADIX));
		Files.move(path, aside);
		boolean served;
		try {
			served = isServed(aside);
		}
		catch (IOException ex) {
			Files.move(aside, path);
			throw ex;
		}
		if (served) {
			Files.move(aside, path);
			throw new BindFailure(address, "Another process has begun to listen on %s.".formatted(path),
					"Identify and stop that process, or set tomcorn.bind to another path.", null);
		}
		Files.delete(aside);
	}

	/**
	 * Pipes and devices refuse a connection just like a socket without a server.
	 */
	private static boolean isSocket(Path path) throws IOException {
		if (path.getFileSystem().supportedFileAttributeViews().contains("unix")) {
			int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
			return (mode & FILE_TYPE) == SOCKET;
		}
		return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isOther();
	}

	/**
	 * Only a refused connection means that no process listens. A full queue does not
	 * block this check.
	 */
	private static boolean isServed(Path path) throws IOException {
		try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
			client.configureBlocking(false);
			client.connect(UnixDomainSocketAddress.of(path));
			return true;
		}
		catch (ConnectException ex) {
			return false;
		}
	}

	/**
	 * Set owner, group and mode of the file after the socket is bound. No client can
	 * connect before the socket listens.
	 */
	void bound() throws IOException {
		Path path = this.address.path();
		this.key = keyOf(path);
		String owner = this.address.owner();
		String group = this.address.group();
		try {
			UserPrincipalLookupService names = path.getFileSystem().getUserPrincipalLookupService();
			if (group != null) {
				Files.getFileAttributeView(path, PosixFileAttributeView.class)
					.setGroup(principal("group", group, names::lookupPrincipalByGroupName));
			}
			if (this.address.mode() != null) {
				Files.setPosixFilePermissions(path, this.address.mode());
			}
			if (owner != null) {
				Files.setOwner(path, principal("user", owner, names::lookupPrincipalByName));
			}
		}
		catch (UnsupportedOperationException ex) {
			throw new BindFailure(this.address, "Files of this system have no mode, owner or group.",
					"Leave them out of tomcorn.bind here.", ex);
		}
		catch (IOException ex) {
			throw new BindFailure(this.address,
					"This user may not give %s the configured owner, group or mode (%s).".formatted(path,
							ex.getMessage()),
					"Name in tomcorn.bind a group that this user is in, and no other owner. "
							+ "Under systemd, SystemCallFilter= of the service must allow @chown.",
					ex);
		}
	}

	@FunctionalInterface
	private interface Lookup<T> {

		T find(String name) throws IOException;

	}

	private <T> T principal(String kind, String name, Lookup<T> lookup) throws IOException {
		try {
			return lookup.find(name);
		}
		catch (UserPrincipalNotFoundException ex) {
			throw new BindFailure(this.address, "This machine has no %s '%s'.".formatted(kind, name),
					"Set owner and group in tomcorn.bind to those of this machine.", ex);
		}
	}

	/**
	 * A file system may reuse the number of a deleted file. Setting mode and owner does
	 * not change the time of the last modification.
	 */
	private static String keyOf(Path path) throws IOException {
		BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class,
				LinkOption.NOFOLLOW_LINKS);
		return attributes.fileKey() + " " + attributes.lastModifiedTime();
	}

	/**
	 * Return what distinguishes the file from another one of that name.
	 */
	String key() {
		return (this.key != null) ? this.key : "";
	}

	Path path() {
		return this.address.path();
	}

	/**
	 * Delete the file, if it is still that of the socket.
	 */
	synchronized void remove() {
		String own = this.key;
		try {
			if (own != null && keyOf(path()).equals(own)) {
				this.key = null;
				Files.delete(path());
			}
		}
		catch (IOException ex) {
			// Gone already or not permitted: the next start replaces it
		}
	}

}
