package dev.tomcorn.tomcat;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.WarmUp;
import dev.tomcorn.WorkerModel;
import dev.tomcorn.core.listener.BindAddress;
import dev.tomcorn.core.listener.SoloListeners;
import dev.tomcorn.launch.LateSettings;
import dev.tomcorn.launch.SupervisionUnavailableException;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.settings.BindSettings;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.Valve;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.valves.AbstractAccessLogValve;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.tomcat.TomcatWebServerFactory;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.Shutdown;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * {@link WebServerFactoryCustomizer} that configures the application's connector for the
 * worker class. It runs last, so that it sees the settings of all other customizers.
 */
final class TomcornWebServerFactoryCustomizer
		implements WebServerFactoryCustomizer<TomcatServletWebServerFactory>, Ordered {

	private final WorkerProcess process;

	private final WorkerModel model;

	private final ConnectorTraffic traffic;

	private final RequestsInFlight requests;

	private final TomcornSettings settings;

	private final ConfigurableEnvironment environment;

	private final @Nullable LateSettings lateSettings;

	/**
	 * Create the customizer.
	 * @param lateSettings finds settings that came too late for the arbiter, or
	 * {@code null} if there is no arbiter
	 */
	TomcornWebServerFactoryCustomizer(WorkerProcess process, WorkerModel model, ConnectorTraffic traffic,
			RequestsInFlight requests, TomcornSettings settings, ConfigurableEnvironment environment,
			@Nullable LateSettings lateSettings) {
		this.process = process;
		this.model = model;
		this.traffic = traffic;
		this.requests = requests;
		this.settings = settings;
		this.environment = environment;
		this.lateSettings = lateSettings;
	}

	@Override
	public void customize(TomcatServletWebServerFactory factory) {
		if (!factory.getProtocol().equals(TomcatWebServerFactory.DEFAULT_PROTOCOL)) {
			throw new SupervisionUnavailableException(
					"The web server factory has the protocol %s, but a worker needs one of its own."
						.formatted(factory.getProtocol()),
					"Remove what sets the protocol, or exclude TomcornAutoConfiguration.");
		}
		if (this.process.isSupervised() && !factory.getAdditionalConnectors().isEmpty()) {
			throw new SupervisionUnavailableException(
					"The web server factory has additional connectors, whose ports several workers cannot open.",
					"Remove the additional connectors, or set tomcorn.arbiter.enabled to false to run in one process.");
		}
		// When the web server stops, the drain has already waited for requests
		factory.setShutdown(Shutdown.IMMEDIATE);
		factory.setProtocol(TomcornProtocol.class.getName());
		if (!this.model.keepAlive()) {
			factory.setHttp2(null);
		}
		List<Valve> valves = new ArrayList<>();
		valves.add(new RequestValve(this.process.slot(), this.requests, this.model.concurrency()));
		valves.addAll(factory.getEngineValves());
		factory.setEngineValves(valves);
		leaveOutWarmUp(valves);
		// Also needed without a limit, because an operator may interrupt a request
		List<Valve> contextValves = new ArrayList<>();
		contextValves.add(new OverdueResponse());
		contextValves.addAll(factory.getContextValves());
		factory.setContextValves(contextValves);
		leaveOutWarmUp(contextValves);
		factory.addConnectorCustomizers(this::customize);
		if (this.process.isSupervised() && factory.getBaseDirectory() == null) {
			factory.addContextCustomizers(new TemporaryDirectories());
		}
	}

	/**
	 * Keep warm-up requests out of access logs, which record what clients send. A log
	 * that already has such a condition cannot take another.
	 */
	private static void leaveOutWarmUp(List<Valve> valves) {
		for (Valve valve : valves) {
			if (valve instanceof AbstractAccessLogValve log && log.getConditionUnless() == null) {
				log.setConditionUnless(WarmUp.ATTRIBUTE);
			}
		}
	}

	private void customize(Connector connector) {
		if (this.lateSettings != null) {
			this.lateSettings.check(this.environment);
			LateSettings.check(connector, this.environment, "server");
		}
		if (connector.getProtocolHandler() instanceof TomcornProtocol protocol) {
			protocol.setAcceptCount(this.settings.backlog());
			this.model.configure(protocol);
			if (!this.model.keepAlive()) {
				protocol.setMaxKeepAliveRequests(1);
			}
			List<BindAddress> bind = this.settings.bind();
			if (!bind.isEmpty()) {
				connector.setPort(BindSettings.portOf(bind));
			}
			this.traffic.attach(protocol, (bind.isEmpty() || this.process.isSupervised()) ? null
					: () -> SoloListeners.open(bind, this.settings.backlog()));
		}
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
