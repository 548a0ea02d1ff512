package dev.tomcorn.launch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.tomcorn.core.arbiter.ApplicationRelease;
import dev.tomcorn.core.arbiter.Death;
import dev.tomcorn.core.arbiter.ExitCause;
import dev.tomcorn.core.arbiter.FleetReport;
import dev.tomcorn.core.process.FleetIdentity;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.shell.FleetCommand;
import dev.tomcorn.core.shell.OwnApplication;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.json.JsonParserFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The JSON of {@link ShellCommand}, which Spring Boot writes. {@code FleetCommandTests}
 * has all else.
 */
class ShellCommandTests {

	@Test
	void jsonCanBeReadWhateverTheFleetSays(@TempDir Path parent) throws IOException {
		Path directory = Files.createDirectory(parent.resolve("tomcorn-1"));
		Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
		Scoreboard scoreboard = Scoreboard.create(WorkerIdentity.scoreboard(directory), 4,
				ProcessHandle.current().pid());
		scoreboard
			.identify(new FleetIdentity("a\u001B[2Jb", true, "/srv/\u001B]0;x\u0007\u202E\n.jar", "c\u009Bd", 8080, 0)
				.toBytes());
		scoreboard.publish(3, 2, 0);
		FleetReport.DeathReport death = new FleetReport.DeathReport(1, 6, 4710, 3, 4000,
				new Death(ExitCause.CRASH, "crashed\r\u0007"), "/incidents/\u2066");
		scoreboard
			.post(new FleetReport(false, null, List.of(), List.of(death), FleetReport.ofBytes(new byte[0]).history(),
					List.of(), new FleetReport.ReleaseReport(new ApplicationRelease("a".repeat(64), "shop-1.jar", 3000),
							new ApplicationRelease("b".repeat(64), "shop-2.jar", 4000)))
				.toBytes());
		ByteArrayOutputStream out = new ByteArrayOutputStream();
		ByteArrayOutputStream err = new ByteArrayOutputStream();
		int exitCode = FleetCommand.run(List.of("status", "--json", "--run-directory", directory.toString()),
				() -> new OwnApplication("shop", Set.of(), getClass().getClassLoader()),
				ShellCommand.JSON::writeToString, new PrintStream(out, true, StandardCharsets.UTF_8),
				new PrintStream(err, true, StandardCharsets.UTF_8));
		String json = out.toString(StandardCharsets.UTF_8);
		assertThat(exitCode).as(err.toString(StandardCharsets.UTF_8)).isZero();
		assertThat(json).doesNotContainPattern("[\\p{Cntrl}\u0080-\u009F\u202E\u2066&&[^\\n\\t]]");
		assertThat(json.lines()).hasSize(1);
		Map<String, Object> status = JsonParserFactory.getJsonParser().parseMap(json);
		assertThat(status).containsKeys("problems", "application", "arbiter", "fleet", "reload", "crashLoops", "deaths")
			.containsEntry("release",
					Map.of("key", "aaaaaaaaaaaa", "jar", "shop-1.jar", "firstSeenAt", "1970-01-01T00:00:03Z"))
			.containsEntry("waitingRelease",
					Map.of("key", "bbbbbbbbbbbb", "jar", "shop-2.jar", "firstSeenAt", "1970-01-01T00:00:04Z"));
		assertThat(status.get("deaths")).asInstanceOf(InstanceOfAssertFactories.LIST)
			.singleElement(InstanceOfAssertFactories.MAP)
			.containsValues("/incidents/\u2066", "crashed\r\u0007");
	}

}
