package dev.tomcorn.actuate;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FleetPage}, with clients that accept different types.
 */
class FleetPageTests {

	private static final String CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,"
			+ "image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7";

	private static final String V3 = "application/vnd.spring-boot.actuator.v3+json";

	private static final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	/**
	 * The applications that tests share, by their arguments.
	 */
	private static final Map<List<String>, ConfigurableApplicationContext> contexts = new HashMap<>();

	@AfterAll
	static void close() {
		contexts.values().forEach(ConfigurableApplicationContext::close);
		contexts.clear();
		client.close();
	}

	private static ConfigurableApplicationContext start(String... arguments) {
		return contexts.computeIfAbsent(List.of(arguments),
				(_) -> new SpringApplicationBuilder(Application.class)
					.properties("server.port=0", "server.shutdown=immediate", "spring.main.banner-mode=off",
							"management.endpoints.web.exposure.include=workers", "spring.jmx.enabled=false")
					.run(arguments));
	}

	private static URI uri(ConfigurableApplicationContext context) {
		String management = context.getEnvironment().getProperty("local.management.port");
		String port = (management != null) ? management : context.getEnvironment().getProperty("local.server.port");
		return URI.create("http://127.0.0.1:" + port + "/actuator/workers");
	}

	private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	private HttpResponse<String> get(ConfigurableApplicationContext context, String accept)
			throws IOException, InterruptedException {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(context));
		return send(accept.isEmpty() ? request : request.header("Accept", accept));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "--management.server.port=0" })
	void everyClientGetsWhatItAsksFor(String argument) throws IOException, InterruptedException {
		ConfigurableApplicationContext context = argument.isEmpty() ? start() : start(argument);
		for (String accept : List.of(CHROMIUM, "text/html", "text/html, application/json;q=0.5", "text/*")) {
			assertThat(get(context, accept)).as(accept)
				.returns(200, HttpResponse::statusCode)
				.returns("text/html;charset=UTF-8", FleetPageTests::contentType);
		}
		for (String accept : List.of("", "*/*", V3, "application/*+json", "application/json, text/plain, */*")) {
			HttpResponse<String> response = get(context, accept);
			assertThat(response).as(accept).returns(200, HttpResponse::statusCode);
			assertThat(contentType(response)).as(accept).isIn(V3, "application/json");
			assertThat(response.body()).as(accept).startsWith("{").contains("\"workerClass\":\"gevent\"");
		}
		assertThat(contentType(get(context, "*/*"))).isEqualTo(V3);
		assertThat(contentType(get(context, "application/json"))).isEqualTo("application/json");
		assertThat(contentType(get(context, V3.replace("v3", "v2")))).isEqualTo(V3.replace("v3", "v2"));
		assertThat(get(context, "image/png").statusCode()).isEqualTo(406);
	}

	@Test
	void browserRunsThePagesOwnScriptAndNothingElse() throws Exception {
		HttpResponse<String> response = get(start(), CHROMIUM);
		assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
		String policy = response.headers().firstValue("Content-Security-Policy").orElseThrow();
		assertThat(policy).startsWith("default-src 'none';").doesNotContain("unsafe", "*", "http");
		for (String element : List.of("script", "style")) {
			Matcher inline = Pattern.compile("<%1$s>(.*?)</%1$s>".formatted(element), Pattern.DOTALL)
				.matcher(response.body());
			assertThat(inline.find()).as(element).isTrue();
			byte[] hash = MessageDigest.getInstance("SHA-256").digest(inline.group(1).getBytes(StandardCharsets.UTF_8));
			assertThat(policy)
				.contains("%s-src 'sha256-%s'".formatted(element, Base64.getEncoder().encodeToString(hash)));
			assertThat(inline.find()).as("a second " + element).isFalse();
		}
		assertThat(response.body()).as("reference to another host")
			.doesNotContainPattern("(?i)(?:src|href)=[\"']?(?:https?:)?//")
			.doesNotContainPattern("(?i)url\\(")
			.as("way to turn text into markup")
			.doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", " style=\"");
	}

	@ParameterizedTest
	@CsvSource({ "read-only, READ_ONLY, 405", "unrestricted, UNRESTRICTED, 409", "'', READ_ONLY, 405" })
	void pageKnowsWhetherOperationsThatChangeTheFleetAreOpen(String access, String said, int status)
			throws IOException, InterruptedException {
		ConfigurableApplicationContext context = access.isEmpty() ? start()
				: start("--management.endpoint.workers.access=" + access);
		assertThat(get(context, CHROMIUM).body())
			.contains("<meta name=\"tomcorn-access\" content=\"%s\">".formatted(said));
		HttpRequest.Builder reload = HttpRequest.newBuilder(uri(context))
			.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"reload\"}"));
		assertThat(send(reload).statusCode()).isEqualTo(status);
	}

	/**
	 * The types that a page of another site can send without a preflight request.
	 */
	@Test
	void formOfAnotherSiteChangesNothing() throws IOException, InterruptedException {
		ConfigurableApplicationContext context = start("--management.endpoint.workers.access=unrestricted");
		URI withAction = URI.create(uri(context) + "?action=reload");
		for (String type : List.of("text/plain", "application/x-www-form-urlencoded",
				"multipart/form-data; boundary=x")) {
			for (String body : List.of("", "{\"action\":\"reload\"}", "action=reload")) {
				HttpRequest.Builder post = HttpRequest.newBuilder(withAction)
					.header("Content-Type", type)
					.POST(HttpRequest.BodyPublishers.ofString(body));
				assertThat(send(post).statusCode()).as("%s: %s", type, body).isEqualTo(415);
			}
		}
		assertThat(send(HttpRequest.newBuilder(withAction).POST(HttpRequest.BodyPublishers.noBody())).statusCode())
			.as("no content type and no body")
			.isEqualTo(415);
	}

	@Test
	void jmxHasTheFleetAndNoPage() throws Exception {
		start("--spring.jmx.enabled=true", "--management.endpoints.jmx.exposure.include=workers",
				"--spring.jmx.default-domain=fleet-page-tests");
		MBeanServer server = ManagementFactory.getPlatformMBeanServer();
		ObjectName name = server.queryNames(new ObjectName("*:type=Endpoint,name=Workers,*"), null).iterator().next();
		assertThat(server.getMBeanInfo(name).getOperations())
			.filteredOn((operation) -> operation.getName().equals("workers"))
			.singleElement()
			.extracting(MBeanOperationInfo::getSignature)
			.asInstanceOf(InstanceOfAssertFactories.ARRAY)
			.isEmpty();
		assertThat(server.invoke(name, "workers", new Object[0], new String[0]).toString()).contains("workerClass");
	}

	private static String contentType(HttpResponse<String> response) {
		return response.headers().firstValue("Content-Type").orElseThrow();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

	}

}
