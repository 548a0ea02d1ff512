package dev.tomcorn.launch;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link SupervisionUnavailableException}.
 */
final class SupervisionUnavailableFailureAnalyzer extends AbstractFailureAnalyzer<SupervisionUnavailableException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, SupervisionUnavailableException cause) {
		return new FailureAnalysis(String.valueOf(cause.getMessage()), cause.action(), cause);
	}

}
