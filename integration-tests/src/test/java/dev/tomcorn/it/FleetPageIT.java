package dev.tomcorn.it;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The fleet's page and the demo's, in a browser of a visitor.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FleetPageIT {

	private static final int WORKERS = 2;

	private static final int ROUNDS = 5;

	/**
	 * Records the page's text about a reload while one is under way.
	 */
	private static final String RECORD = """
			window.underWay = [];
			new MutationObserver(() => {
				const notice = document.querySelector('[data-notice=reload]');
				if (notice && notice.textContent.includes('under way')) {
					underWay.push(`${notice.textContent} button disabled: ${document.getElementById('reload').disabled}`);
				}
			}).observe(document.body, { subtree: true, childList: true, characterData: true });
			""";

	@RegisterExtension
	static final DemoApps apps = new DemoApps();

	@RegisterExtension
	static final Browser browser = new Browser();

	private static DemoProcess app;

	private static String origin;

	/**
	 * One until the page's button has added another: a reload boots no more then.
	 */
	private static int workers = 1;

	@BeforeAll
	static void startDemo() throws IOException {
		app = apps.start(Launch.workers(workers, "gevent")
			.arguments("--tomcorn.arbiter.enabled=true", "--spring.profiles.active=", "--management.server.port=0"));
		app.awaitLine("Worker 0 \\(pid \\d+\\) ready");
		// The demo leads visitors of its application to its management port
		try (HttpConnection connection = new HttpConnection(app.port(), DemoProcess.PATIENCE)) {
			origin = URI.create(Objects.requireNonNull(connection.get("/").headers().get("location"))).getAuthority();
		}
	}

	@BeforeEach
	void openPage() {
		browser.setViewport(1280, 1000, false);
		open("/actuator/workers");
		awaitReady();
	}

	private static void open(String path) {
		browser.open("http://" + origin + path);
	}

	private static void awaitReady() {
		browser.awaitPage(workers + " workers that are ready",
				() -> browser.text("#ready").equals(Integer.toString(workers))
						&& browser.text("#target").equals("of " + workers) && browser.texts(".worker").size() == workers
						&& shown("#contact").contains("Live"));
	}

	private static String shown(String selector) {
		return browser.text(selector);
	}

	@Test
	@Order(1)
	void reloadStartedWithItsButtonCanBeFollowedToItsEnd() {
		assertThat(shown("#name")).isEqualTo("tomcorn-demo-app");
		assertThat(shown("#about")).startsWith("fleet on port %d · management port ".formatted(app.port()));
		String underWay = "[]";
		int generation = 0;
		// A browser that gets no CPU for a while may miss one
		for (int round = 0; round < ROUNDS && underWay.equals("[]"); round++) {
			generation = Integer.parseInt(shown("#about").replaceAll(".*generation (\\d+).*", "$1")) + 1;
			// It may be over before the test reads it
			browser.script(RECORD);
			press("#reload");
			String succeeded = "Last reload, to generation %d, succeeded.*".formatted(generation);
			browser.awaitPage("end of the reload", () -> shown("[data-notice=reload]").matches(succeeded));
			awaitReady();
			underWay = Objects.toString(browser.script("return underWay"));
		}
		Figures.print("page: %s, then \"%s\"", underWay, shown("[data-notice=reload]"));
		assertThat(underWay).contains("under way").contains("button disabled: true").doesNotContain("disabled: false");
		String title = "gen " + generation;
		assertThat(browser.texts(".worker .title")).hasSize(workers).allMatch((shown) -> shown.contains(title));
		assertThat(browser.attributes("#events li", "data-type")).contains("RELOAD_STARTED", "RELOAD_SUCCEEDED");
		browser.assertQuiet(origin);
	}

	@Test
	@Order(2)
	void buttonAddsAWorker() {
		scale("#more", WORKERS);
	}

	@Test
	@Order(3)
	void numbersMoveUnderLoadAndThePageFitsEveryScreen() throws IOException {
		String atRest = shown("#rate");
		int answered = number(shown("#handled"));
		try (LoadGenerator.Load load = app.load().start(6, 2, "/io?ms=300")) {
			browser.awaitPage("a rate of every worker",
					() -> browser.texts(".worker .pulse b")
						.stream()
						.filter((rate) -> number(rate) > 0)
						.count() == WORKERS);
			browser.awaitPage("requests",
					() -> number(shown("#handled")) > answered + 40 && number(shown("#active")) > 0);
			Figures.print("page: %s requests a second at rest, %s under load, %s requests answered; workers: %s",
					atRest, shown("#rate"), shown("#handled"), browser.texts(".worker .pulse"));
			for (Screen screen : Screen.values()) {
				browser.setViewport(screen.width, screen.height, screen.dark);
				assertThat(browser.script("return document.documentElement.scrollWidth - window.innerWidth"))
					.as("overflow at %d pixels", screen.width)
					.isEqualTo(0L);
				if (screen.file != null) {
					Path file = browser.screenshot(screen.file);
					Figures.print("  %s, %d kB", file, Files.size(file) / 1024);
				}
			}
			Tally tally = load.stop();
			tally.assertAllOk(tally.size());
		}
		// A busy machine has those
		assertThat(browser.texts("#problems .bad:not([data-problem=CPU_TAKEN], [data-problem=WORKER_SILENT])"))
			.as("problems under an ordinary load")
			.isEmpty();
		curvesOutliveAReloadOfThePage();
		browser.assertQuiet(origin);
	}

	/**
	 * A curve has a point a second at most: one with many points has not begun again.
	 */
	private static void curvesOutliveAReloadOfThePage() {
		long before = points();
		assertThat(before).isGreaterThan(5);
		browser.script("location.reload()");
		browser.awaitPage("the curve of before",
				() -> browser.texts("#ready").stream().noneMatch("–"::equals) && points() >= before);
	}

	private static long points() {
		return (long) browser
			.script("return (document.querySelector('#rate-line .line')?.getAttribute('d') ?? '').split('L').length");
	}

	@Test
	@Order(4)
	void detailsOfAWorkerShowARequestThatCanBeInterrupted() {
		CompletableFuture<Exchange> slow = new LoadGenerator(app.port(), DemoProcess.PATIENCE).send("/io?ms=60000");
		browser.awaitPage("the request",
				() -> browser.texts(".worker .oldest").stream().anyMatch((text) -> text.contains("GET /io")));
		String index = browser.attributes(".worker", "data-worker")
			.stream()
			.filter((worker) -> shown(".worker[data-worker='%s'] .oldest".formatted(worker)).contains("GET /io"))
			.findFirst()
			.orElseThrow();
		browser.click(".worker[data-worker='%s'] button".formatted(index));
		browser.awaitPage("the request in the details, and where it stands",
				() -> shown("#requests").contains("GET /io")
						&& shown("#requests .frames").contains("at DemoController.io("));
		Figures.print("page: worker %s: %s", index, shown("#requests"));
		assertThat(browser.attributes("#dump-link", "href"))
			.containsExactly("/actuator/workers/%s/threaddump".formatted(index));
		press("#requests button");
		browser.awaitPage("the end of the request", () -> !shown("#requests").contains("GET /io"));
		Figures.print("page: \"%s\", the client got %s", shown("#details-answer"), slow.join().outcome());
		browser.click("#details-close");
		browser.assertQuiet(origin);
	}

	@Test
	@Order(5)
	void hundredRequestsFiredAtOnceShowHowTheySpread() throws IOException {
		browser.setViewport(1000, 1150, false);
		List<Integer> served = fire();
		// A worker that gets no CPU for a while leaves the requests to the other
		for (int round = 1; round < ROUNDS && served.size() < WORKERS; round++) {
			served = fire();
		}
		Figures.print("  %d kB", Files.size(browser.screenshot("fire")) / 1024);
		assertThat(served).as("requests by worker").hasSize(WORKERS).allMatch((count) -> count > 0);
		browser.assertQuiet(origin);
	}

	@Test
	@Order(6)
	void killedWorkerShowsWithItsCause() {
		String victim = browser.attributes(".worker[data-worker='1']", "data-pid").getFirst();
		Processes.signal("KILL", Long.parseLong(victim));
		browser.awaitPage("death of " + victim,
				() -> browser.texts("#events li[data-type=DIED]")
					.stream()
					.anyMatch((death) -> death.contains("pid " + victim) && death.contains("Incident kept in")));
		String death = browser.texts("#events li[data-type=DIED]").getFirst();
		Figures.print("page: %s", death.replace('\n', '|'));
		assertThat(browser.texts("#events li[data-type=DIED] .tag")).contains("signal");
		assertThat(death).contains("Worker 1 died", "SIGKILL, not sent by the arbiter", "Incident kept in");
		browser.awaitPage("the problem", () -> !browser.texts("#problems [data-problem=WORKER_DEATHS]").isEmpty());
		assertThat(browser.texts("#problems [data-problem=WORKER_DEATHS]").getFirst())
			.contains("Worker 1 (pid " + victim + ") died at ", "SIGKILL", "Find out who sent the signal");
		browser.awaitPage("another worker 1", () -> {
			List<String> pids = browser.attributes(".worker[data-worker='1']", "data-pid");
			return pids.size() == 1 && !pids.contains(victim);
		});
		awaitReady();
		// The page may have sent a request to the one that died
		assertThat(browser.messages()).allMatch((message) -> message.contains("net::ERR_"));
		browser.assertQuiet(origin);
	}

	@Test
	@Order(7)
	void buttonTakesAWorkerAway() {
		scale("#fewer", 1);
	}

	private static void scale(String button, int to) {
		String event = "from %d to %d".formatted(workers, to);
		press(button);
		workers = to;
		awaitReady();
		browser.awaitPage("answer", () -> !shown("#answer div").isEmpty());
		Figures.print("page: \"%s\"", shown("#answer div"));
		browser.awaitPage("event",
				() -> browser.texts("#events li[data-type=SCALED]").stream().anyMatch((text) -> text.contains(event)));
		browser.assertQuiet(origin);
	}

	private static List<Integer> fire() {
		open("/actuator/fire");
		browser.click("#fire");
		browser.awaitPage("volley", () -> shown("#headline").contains("answered in"));
		String headline = shown("#headline");
		List<Integer> served = browser.attributes("#workers .worker", "data-served")
			.stream()
			.map(Integer::valueOf)
			.toList();
		Figures.print("page: %s; %s", headline,
				browser.texts("#workers .worker").stream().map((text) -> text.replace('\n', ' ')).toList());
		assertThat(headline).startsWith("100 of 100 answered in");
		assertThat(served.stream().mapToInt(Integer::intValue).sum()).isEqualTo(100);
		assertThat(browser.texts("#workers .kind")).allMatch((kind) -> kind.contains("virtual thread"));
		assertThat(browser.script("return document.querySelectorAll('#chart rect').length")).isEqualTo(200L);
		return served;
	}

	private static void press(String button) {
		browser.click(button);
		browser.click("#ask-yes");
	}

	private static int number(String shown) {
		return Integer.parseInt(shown.replace(",", "").split("[. ]")[0].replace("–", "0"));
	}

	/**
	 * The sizes of the window.
	 */
	private enum Screen {

		LIGHT(1280, 1000, false, "fleet-light"), DARK(1280, 1000, true, "fleet-dark"),
		NARROW(390, 1100, false, "fleet-narrow"), NARROWEST(320, 1100, true, null);

		private final int width;

		private final int height;

		private final boolean dark;

		private final @Nullable String file;

		Screen(int width, int height, boolean dark, @Nullable String file) {
			this.width = width;
			this.height = height;
			this.dark = dark;
			this.file = file;
		}

	}

}
