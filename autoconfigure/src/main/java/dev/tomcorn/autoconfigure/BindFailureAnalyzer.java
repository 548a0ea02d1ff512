package dev.tomcorn.autoconfigure;

import dev.tomcorn.core.listener.BindFailure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link BindFailure}.
 */
final class BindFailureAnalyzer extends AbstractFailureAnalyzer<BindFailure> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, BindFailure cause) {
		return new FailureAnalysis("tomcorn.bind has %s. %s".formatted(cause.address(), cause.problem()),
				cause.action(), cause);
	}

}
