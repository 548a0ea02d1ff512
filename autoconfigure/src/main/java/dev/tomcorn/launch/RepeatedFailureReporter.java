package dev.tomcorn.launch;

import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.logs.KnownFailures;
import dev.tomcorn.logs.KnownFailures.Earlier;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootExceptionReporter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * {@link SpringBootExceptionReporter} for a worker that fails like one before it. Logs
 * one line instead of the report or stack trace that the log already has.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RepeatedFailureReporter implements SpringBootExceptionReporter {

	private static final Log logger = LogFactory.getLog(SpringApplication.class);

	private final @Nullable ConfigurableApplicationContext context;

	RepeatedFailureReporter(@Nullable ConfigurableApplicationContext context) {
		this.context = context;
	}

	@Override
	public boolean reportException(Throwable failure) {
		if (this.context == null || !LogsEnvironmentPostProcessor.isOfWorker(this.context.getEnvironment())) {
			return false;
		}
		WorkerIdentity identity = WorkerIdentity.fromEnvironment(System.getenv(), TomcornRunListener.parentPid());
		return identity != null && report(failure, KnownFailures.of(identity.runDirectory(), identity.placement()));
	}

	boolean report(Throwable failure, KnownFailures failures) {
		Earlier earlier = failures.find(failure);
		if (earlier == null) {
			return false;
		}
		logger.error("Application run failed: %s (reported in full by %s)"
			.formatted(BootFailure.sentence(BootFailure.describe(this.context, failure)), earlier.where()));
		return true;
	}

}
