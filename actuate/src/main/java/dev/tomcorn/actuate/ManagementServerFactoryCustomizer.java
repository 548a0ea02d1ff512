package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.file.Path;

import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.launch.LateSettings;
import dev.tomcorn.launch.ManagementPort;
import dev.tomcorn.launch.SupervisionUnavailableException;
import dev.tomcorn.tomcat.ManagementConnections;
import dev.tomcorn.tomcat.TemporaryDirectories;
import dev.tomcorn.tomcat.TomcornProtocol;
import org.apache.catalina.connector.Connector;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;

/**
 * {@link WebServerFactoryCustomizer} for the management server of a supervised worker,
 * which accepts connections from the port that all workers share. Solo, it changes
 * nothing.
 */
final class ManagementServerFactoryCustomizer
		implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {

	private final @Nullable Path runDirectory;

	private final ManagementConnections connections;

	private final Environment environment;

	ManagementServerFactoryCustomizer(@Nullable Path runDirectory, ManagementConnections connections,
			Environment environment) {
		this.runDirectory = runDirectory;
		this.connections = connections;
		this.environment = environment;
	}

	@Override
	public void customize(TomcatServletWebServerFactory factory) {
		if (this.runDirectory == null) {
			return;
		}
		if (!factory.getProtocol().equals(TomcatWebServerFactory.DEFAULT_PROTOCOL)) {
			throw new SupervisionUnavailableException(
					"The web server factory of the management port has the protocol %s, but a worker needs one of its own."
						.formatted(factory.getProtocol()),
					"Remove what sets the protocol, or set tomcorn.arbiter.enabled to false to run in one process.");
		}
		Path path = WorkerIdentity.managementSocket(this.runDirectory);
		// The drain has waited for requests before the web server stops
		factory.setShutdown(Shutdown.IMMEDIATE);
		factory.setProtocol(TomcornProtocol.class.getName());
		factory.addConnectorCustomizers((connector) -> customize(connector, path));
		if (factory.getBaseDirectory() == null) {
			factory.addContextCustomizers(new TemporaryDirectories());
		}
	}

	private void customize(Connector connector, Path path) {
		if (connector.getProtocolHandler() instanceof TomcornProtocol protocol) {
			LateSettings.check(connector, this.environment, "management.server");
			try {
				this.connections.attach(protocol, path);
			}
			catch (IOException ex) {
				throw new SupervisionUnavailableException(
						"%s is %s, a port of its own, but the arbiter does not share such a port with this worker (%s)."
							.formatted(ManagementPort.PROPERTY, this.environment.getProperty(ManagementPort.PROPERTY),
									ex.getMessage()),
						"Restart the application, or replace its arbiter by USR2: a reload cannot open a port.");
			}
		}
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
