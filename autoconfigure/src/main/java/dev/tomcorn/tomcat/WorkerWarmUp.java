package dev.tomcorn.tomcat;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

import dev.tomcorn.WarmUp;
import dev.tomcorn.WorkerModel;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.settings.WarmUpPlan;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;

/**
 * Warms this worker up when its application is ready.
 */
final class WorkerWarmUp implements ApplicationListener<ContextClosedEvent> {

	private final WarmUpPlan plan;

	private final Duration bootTimeout;

	private final WorkerProcess process;

	private final WorkerModel model;

	private volatile @Nullable ApplicationContext context;

	private volatile boolean closed;

	WorkerWarmUp(TomcornSettings settings, WorkerProcess process, WorkerModel model) {
		this.plan = settings.warmUp().plan();
		this.bootTimeout = settings.arbiter().bootTimeout();
		this.process = process;
		this.model = model;
	}

	/**
	 * Warm up. Returns when that is done or the time is over.
	 * @param context the application, which is ready
	 */
	void run(ApplicationContext context) {
		this.context = context;
		if (!(context instanceof ServletWebServerApplicationContext application)
				|| !(application.getWebServer() instanceof TomcatWebServer server)) {
			return;
		}
		Map<String, WarmUp> beans = beans(context);
		if (beans.isEmpty() && this.plan.paths().isEmpty()) {
			return;
		}
		String contextPath = (application.getServletContext() != null)
				? application.getServletContext().getContextPath() : "";
		WarmUpRun.of(this.plan, beans, server.getTomcat().getConnector(), contextPath, this.model)
			.run(limit(), () -> this.closed || this.process.isEnding());
	}

	private static Map<String, WarmUp> beans(ApplicationContext context) {
		Map<String, WarmUp> named = context.getBeansOfType(WarmUp.class);
		Map<String, WarmUp> ordered = new LinkedHashMap<>();
		context.getBeanProvider(WarmUp.class).orderedStream().forEach((bean) -> ordered.put(name(bean, named), bean));
		return ordered;
	}

	private static String name(WarmUp bean, Map<String, WarmUp> named) {
		return named.entrySet()
			.stream()
			.filter((entry) -> entry.getValue() == bean)
			.map(Map.Entry::getKey)
			.findFirst()
			.orElseGet(() -> bean.getClass().getName());
	}

	private Duration limit() {
		return this.process.isSupervised() ? limit(this.plan.timeout(), this.bootTimeout,
				Duration.between(this.process.slot().startedAt(), Instant.now())) : this.plan.timeout();
	}

	/**
	 * Return the time for the warm-up: at most half of what is left of {@code
	 * tomcorn.boot-timeout}, since the arbiter ends a worker that exceeds it.
	 */
	static Duration limit(Duration timeout, Duration bootTimeout, Duration sinceStart) {
		if (bootTimeout.isZero()) {
			return timeout;
		}
		Duration half = bootTimeout.minus(sinceStart).dividedBy(2);
		return half.isNegative() ? Duration.ZERO : (half.compareTo(timeout) < 0) ? half : timeout;
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		if (event.getApplicationContext() == this.context) {
			this.closed = true;
		}
	}

}
