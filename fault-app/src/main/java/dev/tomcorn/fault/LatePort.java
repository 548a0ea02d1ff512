package dev.tomcorn.fault;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Sets the port of {@code fault.late-port} in code.
 */
@Component
@ConditionalOnProperty("fault.late-port")
class LatePort implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

	private final int port;

	LatePort(@Value("${fault.late-port}") int port) {
		this.port = port;
	}

	@Override
	public void customize(TomcatServletWebServerFactory factory) {
		factory.setPort(this.port);
	}

}
