package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The units of the documentation, installed by the commands of their page, under a real
 * systemd.
 */
class SystemdIT {

	private static final MarkdownPage PAGE = MarkdownPage.read(Documentation.DOCS.resolve("systemd.md"));

	private static final String UNIT = "shop";

	/**
	 * In addition to the users' settings, a watchdog with a short time.
	 */
	private static final String DROP_IN = """
			[Service]
			WatchdogSec=20s
			""";

	/**
	 * Nine more boots are for the nightly profile.
	 */
	private static final boolean FULL = Boolean.getBoolean("chaos.full");

	private static final Pattern SCORE = Pattern.compile("Overall exposure level for shop.service: ([\\d.]+)");

	@TempDir
	static Path shared;

	private static @Nullable SystemdMachine machine;

	@BeforeAll
	static void start() throws IOException {
		Path java = Path.of(System.getProperty("java.home"));
		Files.copy(Launch.FAULT_JAR, shared.resolve("app.jar"), StandardCopyOption.REPLACE_EXISTING);
		Path deploy = Files.createDirectories(shared.resolve("docs/deploy/systemd"));
		for (String file : List.of("shop.service", "shop.socket")) {
			Files.copy(Documentation.DOCS.resolve("deploy/systemd").resolve(file), deploy.resolve(file));
		}
		Files.writeString(shared.resolve("shop"), """
				TOMCORN_WORKERS=1
				TOMCORN_BOOT_TIMEOUT=%d
				JAVA_TOOL_OPTIONS="%s"
				""".formatted(DemoProcess.PATIENCE.toSeconds(), String.join(" ", Launch.QUICK_BOOT)));
		Files.writeString(shared.resolve("test.conf"), DROP_IN);
		machine = SystemdMachine.start(List.of("--bind-ro=" + java + ":/opt/jdk", "--bind=" + shared + ":/srv"));
		if (machine != null) {
			run("ln -s /opt/jdk/bin/java /usr/bin/java && install -D -m 644 shop /etc/default/shop "
					+ "&& install -D -m 644 test.conf /etc/systemd/system/shop.service.d/test.conf")
				.orFail();
		}
	}

	@AfterAll
	static void end() {
		if (machine != null) {
			Figures.print("log of the service:%n%s", machine.log(UNIT));
			machine.close();
		}
	}

	/**
	 * Here, because only skipped tests are counted, not skipped classes.
	 */
	@BeforeEach
	void requireMachine() {
		Assumptions.assumeTrue(machine != null, SystemdMachine.NONE);
	}

	@Test
	void theServiceLivesAsItsPageSays() throws IOException {
		documented("install").forEach((command) -> run(command).orFail());
		theUnitsAreRight();
		documented("systemctl (daemon-reload|enable)").forEach((command) -> run(command).orFail());
		startEndsWhenTheFirstWorkerServes();
		theShellCommandFindsTheFleet();
		reloadEndsWhenTheNewGenerationServes();
		if (FULL) {
			aReloadThatFailsIsTold();
			theDeathOfAWorkerIsNoneOfTheUnit();
			anotherArbiterIsTheMainProcess();
			anotherArbiterDrainsWhenItIsStopped();
			anArbiterThatHangsIsStartedAgain();
			aDeployReportsItsOutcome();
		}
		aRestartTurnsNobodyAway();
		run("systemctl stop shop.service shop.socket").orFail();
		assertThat(properties("ActiveState", "Result")).containsExactly("inactive", "success");
	}

	private static List<String> documented(String regex) {
		List<String> commands = DocumentedCommand.of(PAGE)
			.stream()
			.map(DocumentedCommand::text)
			.filter((command) -> command.matches(regex + "\\b.*"))
			.toList();
		assertThat(commands).as("commands of the page").isNotEmpty();
		return commands;
	}

	private static void theUnitsAreRight() throws IOException {
		assertThat(run("cd /etc/systemd/system; systemd-analyze verify shop.service shop.socket").orFail()).isEmpty();
		String exposure = run("systemd-analyze security --no-pager --offline=true /etc/systemd/system/shop.service")
			.output();
		Matcher score = SCORE.matcher(exposure);
		assertThat(score.find()).as(exposure).isTrue();
		Figures.print("%s", score.group());
		assertThat(Files.readString(PAGE.file()))
			.contains("rates the exposure of the service %s,".formatted(score.group(1)));
	}

	private static void startEndsWhenTheFirstWorkerServes() {
		assertThat(properties("ActiveState", "SubState", "StatusText")).containsExactly("active", "running",
				"1 of 1 worker ready, generation 1");
		assertThat(answer()).isEqualTo("200");
		long arbiter = mainPid();
		assertThat(run("ps -o user= -p " + arbiter).orFail()).isEqualTo("shop");
		assertThat(run("ls /run/shop").orFail()).startsWith("tomcorn-");
		assertThat(run("tr '\\0' '\\n' </proc/%d/environ".formatted(worker())).orFail())
			.doesNotContainPattern("(?m)^(NOTIFY_SOCKET|WATCHDOG_|LISTEN_)");
	}

	private static void theShellCommandFindsTheFleet() {
		documented("runuser .* status")
			.forEach((command) -> assertThat(run(command).orFail()).contains("generation 1"));
	}

	private static void reloadEndsWhenTheNewGenerationServes() {
		run("systemctl reload shop").orFail();
		assertThat(properties("ActiveState", "StatusText")).containsExactly("active",
				"1 of 1 worker ready, generation 2");
	}

	private static void aReloadThatFailsIsTold() {
		run("mkdir -p /opt/shop/config && echo fault.boot=fail >/opt/shop/config/application.properties").orFail();
		run("systemctl reload shop").orFail();
		assertThat(property("StatusText")).startsWith("1 of 1 worker ready, generation 2")
			.contains("the reload to generation 3 has failed: ");
		assertThat(property("ActiveState")).isEqualTo("active");
		assertThat(run("systemctl status shop").orFail()).contains("has failed");
		run("rm -r /opt/shop/config").orFail();
	}

	private static void theDeathOfAWorkerIsNoneOfTheUnit() {
		long arbiter = mainPid();
		long worker = worker();
		run("kill -KILL " + worker).orFail();
		until("another worker", (status) -> status.startsWith("1 of 1 worker ready") && worker() != worker);
		assertThat(mainPid()).isEqualTo(arbiter);
		assertThat(properties("ActiveState", "NRestarts")).containsExactly("active", "0");
	}

	private static void anotherArbiterIsTheMainProcess() {
		long before = mainPid();
		documented("systemctl kill").forEach((command) -> run(command).orFail());
		until("another arbiter", (status) -> mainPid() != before && status.equals("1 of 1 worker ready, generation 1"));
		await("end of the one before").atMost(DemoProcess.PATIENCE)
			.until(() -> run("test -d /proc/" + before).exitCode() != 0);
		assertThat(properties("ActiveState", "SubState", "NRestarts")).containsExactly("active", "running", "0");
		assertThat(answer()).isEqualTo("200");
	}

	/**
	 * For systemd it is another's child, whose end systemd does not wait for.
	 */
	private static void anotherArbiterDrainsWhenItIsStopped() {
		run("curl --silent --output /dev/null --write-out '%{http_code}' "
				+ "'http://127.0.0.1:8080/held?until=/run/go' >/run/held 2>/dev/null &")
			.orFail();
		await("request").atMost(DemoProcess.PATIENCE)
			.until(() -> run("ss -Htnp state established sport = :8080").orFail().contains("java"));
		run("systemctl --no-block stop shop.service").orFail();
		await("stop").atMost(DemoProcess.PATIENCE).until(() -> !property("ActiveState").equals("active"));
		run("touch /run/go").orFail();
		await("answer").atMost(DemoProcess.PATIENCE).until(() -> run("pgrep curl").exitCode() != 0);
		assertThat(run("cat /run/held").orFail()).isEqualTo("200");
		await("end").atMost(DemoProcess.PATIENCE)
			.until(() -> properties("ActiveState", "Result"), List.of("inactive", "success")::equals);
		run("systemctl start shop.service").orFail();
	}

	private static void anArbiterThatHangsIsStartedAgain() {
		run("kill -STOP " + mainPid()).orFail();
		await("another start").atMost(DemoProcess.PATIENCE)
			.until(() -> properties("NRestarts", "ActiveState", "StatusText"),
					List.of("1", "active", "1 of 1 worker ready, generation 1")::equals);
		assertThat(machine().log(UNIT)).contains("Watchdog timeout").contains("Full thread dump");
	}

	private static void aDeployReportsItsOutcome() {
		documented("runuser .* reload")
			.forEach((command) -> assertThat(run(command).orFail()).contains("generation 2"));
	}

	/**
	 * Each client opens a connection for each request.
	 */
	private static void aRestartTurnsNobodyAway() {
		run("""
				for client in 1 2 3 4; do
				  while [ ! -e /run/enough ]; do
				    curl --silent --show-error --max-time %d --output /dev/null --write-out '%%{http_code}\\n' \
				      http://127.0.0.1:8080/whoami
				  done >/run/client-$client 2>&1 &
				done
				""".formatted(DemoProcess.PATIENCE.toSeconds())).orFail();
		awaitAnswers(20);
		long before = mainPid();
		run("systemctl restart shop").orFail();
		assertThat(mainPid()).isNotEqualTo(before);
		awaitAnswers(answers().size() + 20);
		run("touch /run/enough").orFail();
		await("end of the clients").atMost(DemoProcess.PATIENCE).until(() -> run("pgrep curl").exitCode() != 0);
		Figures.print("a restart with the socket unit, 4 new connections at a time: %s",
				answers().stream().collect(Collectors.groupingBy((answer) -> answer, Collectors.counting())));
		assertThat(answers()).containsOnly("200");
	}

	private static SystemdMachine machine() {
		return Objects.requireNonNull(machine);
	}

	private static SystemdMachine.Result run(String command) {
		return machine().run(command);
	}

	private static String property(String name) {
		return machine().property(UNIT, name);
	}

	private static List<String> answers() {
		return run("cat /run/client-*").orFail().lines().toList();
	}

	private static void awaitAnswers(int count) {
		await("answers").atMost(DemoProcess.PATIENCE).until(() -> answers().size() >= count);
	}

	private static String answer() {
		return run("curl --silent --output /dev/null --write-out '%{http_code}' http://127.0.0.1:8080/whoami").orFail();
	}

	private static List<String> properties(String... names) {
		return List.of(names).stream().map(SystemdIT::property).toList();
	}

	private static long mainPid() {
		return Long.parseLong(property("MainPID"));
	}

	/**
	 * Return the worker's process id, or 0 while there is not exactly one.
	 */
	private static long worker() {
		String[] children = run("pgrep --parent " + mainPid()).output().strip().split("\\s+");
		return (children.length == 1 && !children[0].isEmpty()) ? Long.parseLong(children[0]) : 0;
	}

	private static void until(String what, Predicate<String> status) {
		await(what).atMost(DemoProcess.PATIENCE).until(() -> property("StatusText"), status);
	}

}
