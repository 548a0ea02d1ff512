package dev.tomcorn.core.incident;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

class IncidentFoldersTests {

	private static final Incident INCIDENT = new Incident(2, 12, 4711, 3, Instant.EPOCH, "Silent", "", true);

	private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.006Z");

	private static final String NAME = "20260102T030405.006Z-shop-worker2-pid4711-silent";

	@TempDir
	private Path temporary;

	private IncidentFolders folders(@Nullable Path directory, int maxCount, long maxSize) {
		return new IncidentFolders(new IncidentSettings(directory, maxCount, maxSize, false, false), "shop",
				this.temporary, "some user");
	}

	private static String permissions(Path path) throws IOException {
		return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
	}

	@Test
	void privateDirectoryAmongTheTemporaryFilesIsTheSameAfterARestart() throws IOException {
		Path directory = folders(null, 1, 1).directory();
		assertThat(directory).isEqualTo(this.temporary.resolve("tomcorn-incidents-some_user"));
		assertThat(permissions(directory)).isEqualTo("rwx------");
		assertThat(folders(null, 1, 1).directory()).isEqualTo(directory);
	}

	@Test
	void linkInPlaceOfTheDirectoryIsNotFollowed(@TempDir Path elsewhere) throws IOException {
		Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rwx------"));
		Path usual = Files.createSymbolicLink(this.temporary.resolve("tomcorn-incidents-some_user"), elsewhere);
		IncidentFolders folders = folders(null, 1, 1);
		Path folder = folders.create(INCIDENT, TIME);
		assertThat(folder.getParent()).isNotEqualTo(usual).hasParent(this.temporary);
		assertThat(permissions(folder.getParent())).isEqualTo("rwx------");
		assertThat(elsewhere).isEmptyDirectory();
		assertThat(folders.directory()).isEqualTo(folder.getParent());
	}

	@Test
	void directoryThatOthersMayEnterIsNotUsed() throws IOException {
		Path usual = Files.createDirectory(this.temporary.resolve("tomcorn-incidents-some_user"));
		Files.setPosixFilePermissions(usual, PosixFilePermissions.fromString("rwxr-xr-x"));
		assertThat(folders(null, 1, 1).directory()).isNotEqualTo(usual);
	}

	@Test
	void linkThatLeadsNowhereIsNotUsed() throws IOException {
		Path nowhere = this.temporary.resolve("nowhere");
		Files.createSymbolicLink(this.temporary.resolve("tomcorn-incidents-some_user"), nowhere);
		assertThat(folders(null, 1, 1).directory()).isDirectory().isNotEqualTo(nowhere);
		assertThat(nowhere).doesNotExist();
	}

	@Test
	void fileOfSomebodyElseIsNotOurs() {
		assertThat(Owner.isOurs(this.temporary)).isTrue();
		assertThat(Owner.isOurs(this.temporary.resolve("missing"))).isFalse();
		boolean root = "root".equals(System.getProperty("user.name"));
		assertThat(Owner.isOurs(Path.of("/proc/1"))).isEqualTo(root);
	}

	@Test
	void chosenDirectoryIsCreated() throws IOException {
		Path directory = this.temporary.resolve("a/b");
		assertThat(folders(directory, 1, 1).create(INCIDENT, TIME)).isEqualTo(directory.resolve(NAME)).isDirectory();
	}

	@Test
	void relativeDirectoryIsTheSameInEveryProcess() throws IOException {
		Path target = Files.createDirectories(Path.of("target"));
		assertThat(folders(target, 1, 1).directory()).isAbsolute();
	}

	@Test
	void incidentsOfOneMomentHaveTheirOwnFolders() throws IOException {
		IncidentFolders folders = folders(this.temporary, 10, 1000);
		assertThat(folders.create(INCIDENT, TIME)).hasFileName(NAME);
		assertThat(folders.create(INCIDENT, TIME)).hasFileName(NAME + "-2");
	}

	@Test
	void folderNamesCannotLeadAnywhereElse() throws IOException {
		for (String cause : List.of("../../etc", "/etc/passwd", "", "\0", "ä\n" + "x".repeat(1000))) {
			Path folder = folders(this.temporary, 10, 1000)
				.create(new Incident(2, 12, 4711, 3, Instant.EPOCH, cause, "", true), TIME);
			assertThat(folder).hasParent(this.temporary);
			assertThat(folder.getFileName().toString()).matches(NAME.replace("silent", "[a-z0-9-]{1,40}"));
		}
	}

	@Test
	void oldestFoldersGoFirst() throws IOException {
		IncidentFolders folders = folders(this.temporary, 3, Long.MAX_VALUE);
		List<Path> created = create(folders, 5, 10);
		folders.prune(Set.of());
		assertThat(this.temporary.toFile().list()).containsExactlyInAnyOrderElementsOf(names(created.subList(2, 5)));
	}

	/**
	 * Another application's crash loop displaces nothing, and unnamed applications are
	 * distinct.
	 */
	@Test
	void foldersOfAnotherApplicationStay() throws IOException {
		IncidentSettings settings = new IncidentSettings(this.temporary, 2, 1000, false, false);
		Incident.Fleet shop = new Incident.Fleet("Shop", true, "/srv/a.jar", "", 8080, TIME);
		Incident.Fleet app = new Incident.Fleet("app", false, "/srv/one/app.jar", "", 8080, TIME);
		Incident.Fleet other = new Incident.Fleet("app", false, "/srv/two/app.jar", "", 8080, TIME);
		List<Path> stay = new ArrayList<>();
		for (Incident.Fleet fleet : List.of(shop, app)) {
			stay.addAll(create(new IncidentFolders(settings, fleet.slug(), this.temporary, "user"), 2, 100));
		}
		Path old = Files.createDirectory(this.temporary.resolve("20250102T030405.006Z-worker2-pid4711-silent"));
		IncidentFolders loop = new IncidentFolders(settings, other.slug(), this.temporary, "user");
		stay.addAll(create(loop, 30, 10).subList(28, 30));
		loop.prune(Set.of());
		assertThat(this.temporary.toFile().list()).containsExactlyInAnyOrderElementsOf(names(stay));
		assertThat(old).as("of an older version").doesNotExist();
		assertThat(shop.slug()).isEqualTo("shop");
	}

	@Test
	void foldersGoUntilTheRestFits() throws IOException {
		IncidentFolders folders = folders(this.temporary, 100, 250);
		List<Path> created = create(folders, 5, 100);
		folders.prune(Set.of());
		assertThat(this.temporary.toFile().list()).containsExactlyInAnyOrderElementsOf(names(created.subList(3, 5)));
	}

	@Test
	void folderInUseStays() throws IOException {
		IncidentFolders folders = folders(this.temporary, 1, 100);
		List<Path> created = create(folders, 3, 100);
		folders.prune(Set.of(created.getFirst()));
		assertThat(this.temporary.toFile().list()).containsExactly(created.getFirst().getFileName().toString());
	}

	@Test
	void nothingElseIsDeleted(@TempDir Path elsewhere) throws IOException {
		Path treasure = Files.writeString(elsewhere.resolve("treasure"), "gold");
		Path linkedFolder = this.temporary.resolve("20200102T030405.006Z-worker2-pid4711-link");
		Files.createSymbolicLink(linkedFolder, elsewhere);
		Path file = Files.createFile(this.temporary.resolve("20200102T030405.006Z-worker2-pid4711-file"));
		Path other = Files.createDirectory(this.temporary.resolve("20200102T030405.006Z-worker2-pid4711-Other"));
		Path data = Files.createDirectory(this.temporary.resolve("data"));
		IncidentFolders folders = folders(this.temporary, 0, 0);
		Path folder = folders.create(INCIDENT, TIME);
		Files.createSymbolicLink(folder.resolve("out"), elsewhere);
		Files.createSymbolicLink(folder.resolve("treasure"), treasure);
		folders.prune(Set.of());
		assertThat(folder).doesNotExist();
		assertThat(treasure).hasContent("gold");
		assertThat(linkedFolder).isSymbolicLink();
		assertThat(file).exists();
		assertThat(other).exists();
		assertThat(data).exists();
	}

	@Test
	void linksDoNotCountToTheSize(@TempDir Path elsewhere) throws IOException {
		Path large = Files.write(elsewhere.resolve("large"), new byte[100_000]);
		IncidentFolders folders = folders(this.temporary, 10, 1000);
		Path folder = folders.create(INCIDENT, TIME);
		Files.createSymbolicLink(folder.resolve("link"), large);
		assertThat(folders.fit(folder)).isEmpty();
		folders.prune(Set.of());
		assertThat(folder).exists();
	}

	@Test
	void heapDumpOfATooLargeIncidentGoesFirst() throws IOException {
		IncidentFolders folders = folders(this.temporary, 10, 1000);
		Path folder = folders.create(INCIDENT, TIME);
		Files.write(folder.resolve("incident.txt"), new byte[100]);
		Files.write(folder.resolve("threads.txt"), new byte[300]);
		Files.write(folder.resolve("recording.jfr"), new byte[500]);
		Files.write(folder.resolve("heap.hprof"), new byte[400]);
		assertThat(folders.fit(folder)).containsExactly("heap.hprof");
		assertThat(folder.toFile().list()).containsExactlyInAnyOrder("incident.txt", "threads.txt", "recording.jfr");
	}

	@Test
	void ofAnIncidentThatIsStillTooLargeTheLargestFilesGo() throws IOException {
		IncidentFolders folders = folders(this.temporary, 10, 50);
		Path folder = folders.create(INCIDENT, TIME);
		Files.write(folder.resolve("incident.txt"), new byte[100]);
		Files.write(folder.resolve("threads.txt"), new byte[300]);
		Files.write(folder.resolve("recording.jfr"), new byte[500]);
		assertThat(folders.fit(folder)).containsExactly("recording.jfr", "threads.txt");
		assertThat(folder.resolve("incident.txt")).exists();
	}

	@Test
	void directoryThatIsAFileIsAFailure() throws IOException {
		Path file = Files.createFile(this.temporary.resolve("file"));
		assertThatIOException().isThrownBy(() -> folders(file, 1, 1).create(INCIDENT, TIME));
	}

	private static List<Path> create(IncidentFolders folders, int count, int size) throws IOException {
		List<Path> created = new ArrayList<>();
		for (int number = 0; number < count; number++) {
			Path folder = folders.create(INCIDENT, TIME.plusSeconds(number));
			Files.write(folder.resolve("incident.txt"), new byte[size]);
			created.add(folder);
		}
		return created;
	}

	private static List<String> names(List<Path> paths) {
		return paths.stream().map((path) -> path.getFileName().toString()).toList();
	}

}
