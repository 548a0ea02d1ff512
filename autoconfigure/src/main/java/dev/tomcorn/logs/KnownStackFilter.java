package dev.tomcorn.logs;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.tomcorn.logs.KnownFailures.Earlier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NormalizedParameters;

/**
 * {@link TurboFilter} for a booting worker. If an earlier worker has logged the stack of
 * a failure and then failed to boot, the filter logs only the line, the cause, and where
 * the stack is.
 */
final class KnownStackFilter extends TurboFilter {

	private final KnownFailures failures;

	KnownStackFilter(KnownFailures failures) {
		this.failures = failures;
	}

	@Override
	public FilterReply decide(@Nullable Marker marker, Logger logger, Level level, @Nullable String format,
			Object @Nullable [] parameters, @Nullable Throwable throwable) {
		if (format == null || !level.isGreaterOrEqual(Level.WARN)) {
			return FilterReply.NEUTRAL;
		}
		Throwable failure = (throwable != null) ? throwable
				: (parameters != null) ? NormalizedParameters.getThrowableCandidate(parameters) : null;
		if (failure == null) {
			return FilterReply.NEUTRAL;
		}
		Earlier earlier = this.failures.find(failure);
		if (earlier == null) {
			this.failures.seen(failure);
			return FilterReply.NEUTRAL;
		}
		String message = MessageFormatter.arrayFormat(format, parameters, failure).getMessage();
		logger.log(marker, Logger.class.getName(), Level.toLocationAwareLoggerInteger(level),
				"%s: %s (stack as in %s)".formatted(message, RootCause.sentence(failure), earlier.where()), null, null);
		return FilterReply.DENY;
	}

}
