package dev.tomcorn.launch;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.BeanCreationException;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.servlet.ServletWebServerFactory;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link OtherServers}.
 */
@ExtendWith(OutputCaptureExtension.class)
class OtherServersTests {

	private static GenericApplicationContext context(boolean supervised, ServletWebServerFactory factory) {
		GenericApplicationContext context = new GenericApplicationContext();
		context.getBeanFactory().addBeanPostProcessor(new OtherServers(supervised));
		context.registerBean("server", ServletWebServerFactory.class, () -> factory);
		return context;
	}

	@Test
	void workerRefusesAnotherServerByName() {
		try (GenericApplicationContext context = context(true, new JettyServletWebServerFactory())) {
			assertThatExceptionOfType(BeanCreationException.class).isThrownBy(context::refresh)
				.satisfies((ex) -> assertThat(BootFailure.describe(null, ex)).startsWith("The web server is Jetty")
					.contains("'server'")
					.contains("Remove Jetty")
					.contains("tomcorn.arbiter.enabled to false"));
		}
	}

	@Test
	void workerRefusesAServerWithoutAName() {
		try (GenericApplicationContext context = context(true,
				(initializers) -> new JettyServletWebServerFactory().getWebServer(initializers))) {
			assertThatExceptionOfType(BeanCreationException.class).isThrownBy(context::refresh)
				.withRootCauseInstanceOf(SupervisionUnavailableException.class);
		}
	}

	@Test
	void soloApplicationIsToldOnce(CapturedOutput output) {
		try (GenericApplicationContext context = context(false, new JettyServletWebServerFactory())) {
			context.refresh();
		}
		assertThat(output.getOut()).containsOnlyOnce("The web server is Jetty");
	}

	@Test
	void serverOfTomcatIsFineAlsoIfItIsTheUsersOwn(CapturedOutput output) {
		try (GenericApplicationContext context = context(true, new TomcatServletWebServerFactory() {
		})) {
			context.refresh();
		}
		assertThat(output.getOut()).doesNotContain("The web server is");
	}

	static final class JettyServletWebServerFactory implements ServletWebServerFactory {

		@Override
		public WebServer getWebServer(ServletContextInitializer... initializers) {
			throw new UnsupportedOperationException();
		}

	}

}
