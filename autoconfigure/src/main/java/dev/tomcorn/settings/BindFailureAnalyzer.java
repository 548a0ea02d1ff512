package dev.tomcorn.settings;

import dev.tomcorn.core.listener.BindFailure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * {@link AbstractFailureAnalyzer} for {@link BindFailure}. It comes before Boot's
 * analyzer for a port in use, which knows the first port only.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class BindFailureAnalyzer extends AbstractFailureAnalyzer<BindFailure> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, BindFailure cause) {
		return new FailureAnalysis("tomcorn.bind has %s. %s".formatted(cause.address(), cause.problem()),
				cause.action(), cause);
	}

}
