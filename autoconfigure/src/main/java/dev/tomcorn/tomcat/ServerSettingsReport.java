package dev.tomcorn.tomcat;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.WorkerModel;
import dev.tomcorn.settings.TomcornSettings;
import dev.tomcorn.worker.RecycleLimits;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/**
 * Finds the user's settings that contradict the worker class or have no effect solo, so
 * that none is silently ignored.
 */
final class ServerSettingsReport {

	private final Binder binder;

	private final TomcornSettings settings;

	private final WorkerModel model;

	private final List<String> contradictions = new ArrayList<>();

	private ServerSettingsReport(Environment environment, TomcornSettings settings, WorkerModel model) {
		this.binder = Binder.get(environment);
		this.settings = settings;
		this.model = model;
	}

	/**
	 * Return a sentence for each setting that contradicts the worker class or, without
	 * supervision, has no effect.
	 */
	static List<String> of(Environment environment, TomcornSettings settings, WorkerModel model, boolean supervised) {
		ServerSettingsReport report = new ServerSettingsReport(environment, settings, model);
		report.checkThreads();
		report.checkConnections();
		report.checkBacklog();
		if (!supervised) {
			report.checkRecycling();
		}
		return List.copyOf(report.contradictions);
	}

	private void checkThreads() {
		boolean gthread = this.model.name().equals("gthread");
		if (!gthread) {
			noEffect("server.tomcat.threads.max", "it counts the threads of gthread");
			noEffect("tomcorn.threads", "it counts the threads of gthread");
		}
		else if (isSet("tomcorn.threads") && isSet("server.tomcat.threads.max")
				&& number("server.tomcat.threads.max") != this.settings.threads()) {
			this.contradictions
				.add("server.tomcat.threads.max (%d) has no effect, because tomcorn.threads (%d) is set as well"
					.formatted(number("server.tomcat.threads.max"), this.settings.threads()));
		}
		if (!this.model.name().equals("gevent")) {
			noEffect("tomcorn.worker-connections", "it limits gevent");
			if (this.binder.bind("spring.threads.virtual.enabled", Boolean.class).orElse(false)) {
				this.contradictions
					.add("spring.threads.virtual.enabled applies to Spring's own executors only: requests "
							+ "run as the worker class " + this.model.name() + " says");
			}
		}
	}

	private void checkConnections() {
		if (!this.model.keepAlive()) {
			noEffect("server.tomcat.max-keep-alive-requests", "every connection carries one request");
			noEffect("server.tomcat.keep-alive-timeout", "every connection carries one request");
			if (this.binder.bind("server.http2.enabled", Boolean.class).orElse(false)) {
				this.contradictions.add("server.http2.enabled has no effect with the worker class " + this.model.name()
						+ ": HTTP/2 carries many requests on a connection");
			}
		}
		else if (isSet("server.tomcat.max-connections")
				&& number("server.tomcat.max-connections") < this.model.concurrency()) {
			this.contradictions
				.add("server.tomcat.max-connections (%d) keeps a worker from ever running the %d requests at once that "
					.formatted(number("server.tomcat.max-connections"), this.model.concurrency())
						+ "its worker class allows over HTTP/1.1");
		}
	}

	private void checkBacklog() {
		if (isSet("tomcorn.backlog") && isSet("server.tomcat.accept-count")
				&& number("server.tomcat.accept-count") != this.settings.backlog()) {
			this.contradictions
				.add("server.tomcat.accept-count (%d) has no effect, because tomcorn.backlog (%d) is set as well"
					.formatted(number("server.tomcat.accept-count"), this.settings.backlog()));
		}
	}

	/**
	 * Settings that only refine a limit get no sentence of their own.
	 */
	private void checkRecycling() {
		RecycleLimits limits = this.settings.recycleLimits();
		noEffectSolo("tomcorn.max-requests", limits.maxRequests() > 0);
		noEffectSolo("tomcorn.max-lifetime", limits.maxLifetime().isPositive());
		noEffectSolo("tomcorn.max-memory", limits.maxMemory() > 0);
		noEffectSolo("tomcorn.max-heap-after-gc", limits.maxHeapAfterGc() > 0);
	}

	private void noEffectSolo(String property, boolean set) {
		if (set) {
			this.contradictions.add(property + " has no effect solo: there is no arbiter to replace the worker");
		}
	}

	private void noEffect(String property, String reason) {
		if (isSet(property)) {
			this.contradictions
				.add("%s has no effect with the worker class %s: %s".formatted(property, this.model.name(), reason));
		}
	}

	private boolean isSet(String property) {
		return TomcornSettings.isSet(this.binder, property);
	}

	private int number(String property) {
		return this.binder.bind(property, Integer.class).orElse(0);
	}

}
