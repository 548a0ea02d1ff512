package dev.tomcorn.tomcat;

import java.util.List;

import dev.tomcorn.Worker;
import dev.tomcorn.WorkerModel;
import dev.tomcorn.core.arbiter.ServiceManager;
import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.systemd.SystemdNotifier;
import dev.tomcorn.launch.LateSettings;
import dev.tomcorn.request.RequestSnapshot;
import dev.tomcorn.request.RequestWatch;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.settings.BindSettings;
import dev.tomcorn.settings.TomcornProperties;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.worker.Drain;
import dev.tomcorn.worker.FigureSampler;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.startup.Tomcat;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackages;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} that runs an embedded Tomcat as a
 * worker.
 */
@AutoConfiguration(before = TomcatServletWebServerAutoConfiguration.class)
@ConditionalOnClass({ Tomcat.class, TomcatServletWebServerFactory.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@EnableConfigurationProperties(TomcornProperties.class)
public final class TomcornAutoConfiguration {

	private static final Log logger = LogFactory.getLog(TomcornAutoConfiguration.class);

	/**
	 * Holder of the worker class in use, so that it is not a {@link WorkerModel} bean
	 * itself.
	 */
	record ChosenModel(WorkerModel model) {

	}

	@Bean
	TomcornSettings tomcornSettings(Environment environment) {
		return TomcornSettings.of(environment);
	}

	@Bean
	ChosenModel tomcornWorkerModel(TomcornSettings settings, ConfigurableListableBeanFactory beanFactory) {
		return new ChosenModel(WorkerModels.find(settings, beanFactory));
	}

	@Bean
	@ConditionalOnMissingBean
	WorkerProcess tomcornWorkerProcess(TomcornSettings settings) {
		return WorkerProcess.solo(settings.arbiter().gracefulTimeout());
	}

	@Bean
	@ConditionalOnMissingBean
	Worker tomcornWorker(WorkerProcess process, ChosenModel chosen, RequestsInFlight requests) {
		return WorkerProcess.worker(process, chosen.model().name(), requests);
	}

	@Bean
	ApplicationFrames tomcornApplicationFrames(BeanFactory beanFactory) {
		return new ApplicationFrames(
				AutoConfigurationPackages.has(beanFactory) ? AutoConfigurationPackages.get(beanFactory) : List.of());
	}

	@Bean
	RequestsInFlight tomcornRequestsInFlight(WorkerProcess process, ApplicationFrames frames) {
		RequestsInFlight requests = new RequestsInFlight(process.record(), frames);
		process.describeRequests(() -> requests.snapshot().stream().map(RequestSnapshot::describe).toList());
		process.watchExits(frames);
		return requests;
	}

	@Bean
	@Lazy(false)
	RequestWatch tomcornRequestWatch(RequestsInFlight requests, TomcornSettings settings, WorkerProcess process) {
		return RequestWatch.start(requests, settings.requestLimits(), process.slot().index(),
				process.isSupervised() ? process::recycle : null);
	}

	@Bean
	WorkerEvents tomcornWorkerEvents(Worker worker, ApplicationEventPublisher publisher) {
		return new WorkerEvents(worker, publisher);
	}

	@Bean
	@Lazy(false)
	BrokenWorker tomcornBrokenWorker(WorkerProcess process) {
		return new BrokenWorker(process);
	}

	@Bean
	ManagementConnections tomcornManagementConnections(WorkerProcess process) {
		return new ManagementConnections(process);
	}

	@Bean
	ConnectorTraffic tomcornTraffic(WorkerProcess process, ChosenModel chosen, RequestsInFlight requests,
			ManagementConnections management, TomcornSettings settings) {
		return new ConnectorTraffic(process, chosen.model(), requests.figures(), management,
				settings.warmUp().slowStart());
	}

	@Bean
	@Lazy(false)
	@Conditional(OnFiguresShown.class)
	FigureSampler tomcornFigureSampler(WorkerProcess process, ChosenModel chosen, RequestsInFlight requests,
			ApplicationFrames frames) {
		return FigureSampler.start(process, requests, chosen.model().concurrency(), frames);
	}

	@Bean
	TomcornWebServerFactoryCustomizer tomcornWebServerFactoryCustomizer(WorkerProcess process, ChosenModel chosen,
			ConnectorTraffic traffic, RequestsInFlight requests, TomcornSettings settings,
			ConfigurableEnvironment environment, ObjectProvider<LateSettings> lateSettings) {
		if (process.slot().index() == 0) {
			ServerSettingsReport.of(environment, settings, chosen.model(), process.isSupervised())
				.forEach(logger::warn);
		}
		String unused = BindSettings.unused(environment);
		if (unused != null && !process.isSupervised()) {
			logger.info(unused);
		}
		LateSettings late = lateSettings.getIfAvailable();
		if (late != null && !process.isSupervised()) {
			late.workersOfASoloApplication(environment)
				.forEach((setting) -> logger.warn("Running in one process: " + setting
						+ " is set after that was decided. Set it in application.properties or application.yml, as an "
						+ "environment variable or on the command line"));
		}
		return new TomcornWebServerFactoryCustomizer(process, chosen.model(), traffic, requests, settings, environment,
				process.isSupervised() ? late : null);
	}

	@Bean
	@Lazy(false)
	Drain tomcornDrain(WorkerProcess process, ConnectorTraffic traffic, WorkerEvents events,
			RequestsInFlight requests) {
		return new Drain(process, traffic, requests, events::draining);
	}

	@Bean
	@Lazy(false)
	WorkerWarmUp tomcornWarmUp(TomcornSettings settings, WorkerProcess process, ChosenModel chosen) {
		return new WorkerWarmUp(settings, process, chosen.model());
	}

	@Bean
	@Lazy(false)
	WorkerLifecycle.OnReady tomcornReadyListener(ApplicationContext context, WorkerProcess process,
			ConnectorTraffic traffic, WorkerEvents events, WorkerWarmUp warmUp, ChosenModel chosen,
			TomcornSettings settings, ObjectProvider<SoloService> service) {
		return new WorkerLifecycle.OnReady(context, process, traffic, events, warmUp, () -> {
			process.watch(chosen.model().virtualThreads(), settings.recycleLimits());
			service.ifAvailable(SoloService::serves);
		});
	}

	@Bean
	@Lazy(false)
	WorkerLifecycle.OnClosed tomcornDrainListener(ApplicationContext context, Drain drain,
			ObjectProvider<SoloService> service) {
		return new WorkerLifecycle.OnClosed(context, () -> {
			service.ifAvailable(SoloService::stops);
			drain.run();
		});
	}

	/**
	 * Reports the state of this service to systemd. Supervised workers do not have this
	 * bean.
	 */
	@Bean
	@Lazy(false)
	@ConditionalOnProperty("NOTIFY_SOCKET")
	SoloService tomcornSoloService(TomcornSettings settings) {
		ServiceManager systemd = SystemdNotifier.of(System.getenv(), () -> 0, (level, message) -> logger.warn(message));
		return new SoloService(systemd, settings.arbiter().bootTimeout(),
				settings.arbiter().gracefulTimeout().plus(settings.arbiter().closeTimeout()),
				Thread::startVirtualThread)
			.start();
	}

}
