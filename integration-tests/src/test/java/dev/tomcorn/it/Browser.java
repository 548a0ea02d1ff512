package dev.tomcorn.it;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.openqa.selenium.By;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A headless Chromium for the tests of a class. All its processes end with the class.
 * Without Chromium and its driver the tests are skipped, unless the property
 * {@code browser.required} is set.
 */
final class Browser implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

	private static final File CHROMIUM = new File("/usr/bin/chromium");

	private static final File DRIVER = new File("/usr/bin/chromedriver");

	private static final String NO_BROWSER = "Tests in a browser are skipped: %s and %s are needed, Debian's packages chromium and chromium-driver"
		.formatted(CHROMIUM, DRIVER);

	private static final Path SCREENSHOTS = Path.of(System.getProperty("tomcorn.screenshots", "target/screenshots"))
		.toAbsolutePath();

	/**
	 * Each time three processes have work.
	 */
	private static final Duration POLL_INTERVAL = Duration.ofMillis(300);

	private static final JsonMapper JSON = new JsonMapper();

	private final Set<String> requestedFrom = new TreeSet<>();

	private @Nullable ChromeDriverService service;

	private @Nullable ChromeDriver driver;

	@Override
	public void beforeAll(ExtensionContext context) throws IOException {
		if (!Boolean.getBoolean("browser.required") && !(CHROMIUM.canExecute() && DRIVER.canExecute())) {
			Figures.print("%s", NO_BROWSER);
			return;
		}
		LoggingPreferences logs = new LoggingPreferences();
		logs.enable(LogType.BROWSER, Level.ALL);
		logs.enable(LogType.PERFORMANCE, Level.ALL);
		ChromeOptions options = new ChromeOptions();
		options.setBinary(CHROMIUM);
		// As root in a container it can only run without its sandbox
		options.addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
				"--no-proxy-server", "--disable-background-networking", "--disable-component-update",
				"--hide-scrollbars", "--lang=en");
		options.setCapability("goog:loggingPrefs", logs);
		this.service = new ChromeDriverService.Builder().usingDriverExecutable(DRIVER).usingAnyFreePort().build();
		this.service.start();
		this.driver = new ChromeDriver(this.service, options);
	}

	@Override
	public void beforeEach(ExtensionContext context) {
		// Here, because only skipped tests are counted, not skipped classes
		Assumptions.assumeTrue(this.driver != null, NO_BROWSER);
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (this.driver != null && context.getExecutionException().isPresent()) {
			Figures.print("failed: %s, browser: %s, %s", context.getDisplayName(),
					screenshot("failed-" + context.getRequiredTestMethod().getName()), messages());
		}
	}

	@Override
	public void afterAll(ExtensionContext context) {
		List<ProcessHandle> processes = ProcessHandle.current()
			.descendants()
			.filter((process) -> process.info().command().orElse("").contains("chrom"))
			.toList();
		try {
			if (this.driver != null) {
				this.driver.quit();
			}
		}
		finally {
			if (this.service != null) {
				this.service.stop();
			}
			await("end of the browser").atMost(DemoProcess.PATIENCE)
				.until(() -> processes.stream().noneMatch(ProcessHandle::isAlive));
		}
		if (!processes.isEmpty()) {
			Figures.print("browser: %d processes, all ended", processes.size());
		}
	}

	private ChromeDriver driver() {
		return Objects.requireNonNull(this.driver);
	}

	void open(String url) {
		driver().get(url);
	}

	/**
	 * Return the text of the element that a selector finds, empty if it finds nothing
	 * visible.
	 */
	String text(String selector) {
		List<String> texts = texts(selector);
		return texts.isEmpty() ? "" : texts.getFirst();
	}

	/**
	 * Return the visible text of everything that a selector finds.
	 */
	List<String> texts(String selector) {
		return strings("element.checkVisibility({visibilityProperty: true}) ? element.innerText.trim() : ''", selector);
	}

	List<String> attributes(String selector, String name) {
		return strings("String(element.getAttribute(arguments[1]))", selector, name);
	}

	/**
	 * Query all elements in one step, so that the page is not redrawn meanwhile.
	 */
	private List<String> strings(String expression, String... arguments) {
		Object found = driver().executeScript(
				"return Array.from(document.querySelectorAll(arguments[0]), (element) => %s)".formatted(expression),
				(Object[]) arguments);
		return ((List<?>) Objects.requireNonNull(found)).stream().map(Objects::toString).toList();
	}

	void click(String selector) {
		await(selector).atMost(DemoProcess.PATIENCE)
			// Not there yet, or redrawn or moved meanwhile, and so not clicked
			.ignoreExceptionsInstanceOf(WebDriverException.class)
			.until(() -> {
				WebElement element = driver().findElement(By.cssSelector(selector));
				if (!element.isDisplayed() || !element.isEnabled()) {
					return false;
				}
				element.click();
				return true;
			});
	}

	/**
	 * Wait until the page shows something.
	 */
	void awaitPage(String what, BooleanSupplier condition) {
		await(what).atMost(DemoProcess.PATIENCE).pollInterval(POLL_INTERVAL).until(condition::getAsBoolean);
	}

	@Nullable Object script(String script) {
		return driver().executeScript(script);
	}

	/**
	 * Change the size of the window, as on another screen.
	 */
	void setViewport(int width, int height, boolean dark) {
		driver().executeCdpCommand("Emulation.setDeviceMetricsOverride",
				Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
		driver().executeCdpCommand("Emulation.setEmulatedMedia",
				Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
	}

	Path screenshot(String name) {
		Object data = driver().executeCdpCommand("Page.captureScreenshot", Map.of("format", "png")).get("data");
		try {
			Path file = Files.createDirectories(SCREENSHOTS).resolve(name + ".png");
			return Files.write(file, Base64.getDecoder().decode(Objects.toString(data)));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Return the browser's errors since the last call.
	 */
	List<String> messages() {
		List<String> messages = new ArrayList<>();
		for (LogEntry entry : driver().manage().logs().get(LogType.BROWSER)) {
			messages.add(entry.getLevel() + " " + entry.getMessage());
		}
		return messages;
	}

	/**
	 * Return every host and port to which the browser has sent a request since it
	 * started.
	 */
	Set<String> requestedFrom() {
		for (LogEntry entry : driver().manage().logs().get(LogType.PERFORMANCE)) {
			JsonNode message = JSON.readTree(entry.getMessage()).path("message");
			if (message.path("method").asString().equals("Network.requestWillBeSent")) {
				URI uri = URI
					.create(message.path("params").path("request").path("url").asString().split("[?#,]", 2)[0]);
				if (!"data".equals(uri.getScheme())) {
					this.requestedFrom.add(uri.getAuthority());
				}
			}
		}
		return this.requestedFrom;
	}

	void assertQuiet(String... authorities) {
		assertThat(messages()).as("messages of the browser").isEmpty();
		assertThat(requestedFrom()).as("hosts").containsOnly(authorities);
	}

}
