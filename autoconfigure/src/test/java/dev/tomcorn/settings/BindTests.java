package dev.tomcorn.settings;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

import dev.tomcorn.core.listener.BindAddress;
import dev.tomcorn.core.listener.BindFailure;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.web.server.servlet.context.AnnotationConfigServletWebServerApplicationContext;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.AnnotationAwareOrderComparator;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.core.io.support.SpringFactoriesLoader.ArgumentResolver;
import org.springframework.core.io.support.SpringFactoriesLoader.FailureHandler;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for the values of {@code tomcorn.bind} and their effect in a solo application.
 */
@EnabledOnOs(OS.LINUX)
class BindTests {

	@TempDir
	private Path directory;

	private final WebApplicationContextRunner runner = new WebApplicationContextRunner(
			AnnotationConfigServletWebServerApplicationContext::new)
		.withConfiguration(
				AutoConfigurations.of(TomcatServletWebServerAutoConfiguration.class, TomcornAutoConfiguration.class))
		.withUserConfiguration(Application.class);

	@Test
	void socketsOfTheArbiterBeforeAreThoseThatAreWanted() {
		SocketAddress port = new InetSocketAddress(8080);
		SocketAddress file = UnixDomainSocketAddress.of(socket());
		List<SocketAddress> both = List.of(port, file);
		assertThat(isServedBy(both, ":8080", "unix:" + socket())).isTrue();
		assertThat(isServedBy(both, ":0", "fd://web")).isTrue();
		assertThat(isServedBy(both, ":8081", "unix:" + socket())).isFalse();
		assertThat(isServedBy(both, ":8080", "unix:" + socket() + "2")).isFalse();
		assertThat(isServedBy(both, ":8080")).isFalse();
		assertThat(isServedBy(List.of(file), ":8080")).isFalse();
		assertThat(isServedBy(List.of(file))).isFalse();
	}

	private static boolean isServedBy(List<SocketAddress> sockets, String... wanted) {
		return BindSettings.isServedBy(Stream.of(wanted).map(BindAddress::of).toList(), sockets);
	}

	private Path socket() {
		return this.directory.resolve("app.sock");
	}

	@Test
	void applicationAnswersAtEachAddressAndRemovesItsFile() {
		this.runner.withPropertyValues("tomcorn.bind=unix:" + socket() + ",127.0.0.1:0").run((context) -> {
			assertThat(context).hasNotFailed();
			int port = ((ServletWebServerApplicationContext) context.getSourceApplicationContext()).getWebServer()
				.getPort();
			assertThat(port).isPositive();
			for (int i = 0; i < 3; i++) {
				assertThat(get(UnixDomainSocketAddress.of(socket()), "")).endsWith("127.0.0.1 0 http");
				assertThat(get(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), ""))
					.contains("127.0.0.1 ")
					.doesNotContain("127.0.0.1 0 ");
			}
		});
		assertThat(socket()).doesNotExist();
	}

	@Test
	void proxyAtAUnixSocketIsTrusted() {
		this.runner
			.withPropertyValues("tomcorn.bind=unix:" + socket(), "server.forward-headers-strategy=native",
					"tomcorn.worker-class=sync")
			.run((context) -> assertThat(get(UnixDomainSocketAddress.of(socket()),
					"X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: https\r\n"))
				.contains("203.0.113.7 ")
				.endsWith(" https"));
	}

	@Test
	void addressThatIsTakenIsReportedOnce() throws IOException {
		try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			String address = "127.0.0.1:" + taken.getLocalPort();
			this.runner.withPropertyValues("tomcorn.bind=unix:%s,%s".formatted(socket(), address)).run((context) -> {
				Throwable failure = context.getStartupFailure();
				assertThat(failure).hasRootCauseInstanceOf(java.net.BindException.class);
				FailureAnalysis analysis = analyze(failure);
				assertThat(analysis).isNotNull();
				assertThat(analysis.getDescription()).isEqualTo(
						"tomcorn.bind has %s. Port %d is already in use.".formatted(address, taken.getLocalPort()));
				assertThat(analysis.getAction()).contains("set tomcorn.bind to another port");
			});
		}
		assertThat(socket()).doesNotExist();
	}

	/**
	 * Return Boot's report. Boot's own analyzers also know such failures, so the order
	 * matters.
	 */
	private static FailureAnalysis analyze(Throwable failure) {
		ArgumentResolver arguments = ArgumentResolver
			.of(BeanFactory.class, (BeanFactory) new DefaultListableBeanFactory())
			.and(Environment.class, new MockEnvironment());
		return SpringFactoriesLoader.forDefaultResourceLocation()
			.load(FailureAnalyzer.class, arguments, FailureHandler.logging(LogFactory.getLog(BindTests.class)))
			.reversed()
			.stream()
			.sorted(AnnotationAwareOrderComparator.INSTANCE)
			.map((analyzer) -> analyzer.analyze(failure))
			.filter(Objects::nonNull)
			.findFirst()
			.orElseThrow();
	}

	private static String get(SocketAddress address, String headers) throws IOException {
		try (SocketChannel client = SocketChannel.open(address)) {
			client.write(ByteBuffer
				.wrap("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n".formatted(headers)
					.getBytes(StandardCharsets.US_ASCII)));
			return new String(Channels.newInputStream(client).readAllBytes(), StandardCharsets.US_ASCII);
		}
	}

	@Test
	void listIsOneTextOrSeveralProperties() {
		List<BindAddress> expected = List.of(BindAddress.of(":80"), BindAddress.of("fd://web"));
		assertThat(BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind", ":80, fd://web")))
			.isEqualTo(expected);
		assertThat(BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind[0]", ":80")
			.withProperty("tomcorn.bind[1]", "fd://${name}")
			.withProperty("name", "web"))).isEqualTo(expected);
		assertThat(BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind", " "))).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { ":80,0.0.0.0:80", "[::]:80,:80", "unix:/a/b.sock,unix:/a/./b.sock?mode=600",
			"fd://3,fd://3", "LOCALHOST:1,localhost:1" })
	void addressStandsThereOnce(String bind) {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind", bind)))
			.satisfies((ex) -> assertThat(ex.requirement()).endsWith("is listed twice"));
	}

	@Test
	void whatCannotBeReadIsRefused() {
		assertThatExceptionOfType(InvalidSettingException.class)
			.isThrownBy(() -> BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind", ":80,8081")))
			.satisfies((ex) -> assertThat(ex.value()).isEqualTo("8081"))
			.satisfies((ex) -> assertThat(ex.property()).isEqualTo("tomcorn.bind"));
		assertThat(BindSettings.of(new MockEnvironment().withProperty("tomcorn.bind", ":0,:0"))).hasSize(2);
	}

	@Test
	void portThatHasNoEffectIsTold() {
		MockEnvironment environment = new MockEnvironment().withProperty("server.port", "8080");
		assertThat(BindSettings.unused(environment)).isNull();
		environment.setProperty("tomcorn.bind", ":80");
		assertThat(BindSettings.unused(environment))
			.isEqualTo("tomcorn.bind says where to listen: server.port has no effect");
	}

	@Test
	void testsLeaveItOut() {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addFirst(new MockEnvironment().withProperty("tomcorn.bind[0]", ":80")
				.getPropertySources()
				.iterator()
				.next());
		assertThat(BindSettings.of(environment)).hasSize(1);
		BindSettings.leaveOut(environment);
		assertThat(BindSettings.of(environment)).isEmpty();
	}

	@Test
	void reportHasProblemAndRemedy() throws IOException {
		Files.writeString(socket(), "");
		this.runner.withPropertyValues("tomcorn.bind=unix:" + socket())
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.isInstanceOfSatisfying(BindFailure.class,
						(ex) -> assertThat(ex.action()).isEqualTo("Remove it, or set tomcorn.bind to another path.")));
	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		HttpServlet servlet() {
			return new HttpServlet() {

				@Override
				protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
					response.getWriter()
						.write("%s %d %s".formatted(request.getRemoteAddr(), request.getRemotePort(),
								request.getScheme()));
				}

			};
		}

	}

}
