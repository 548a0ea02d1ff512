package dev.tomcorn.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link InvalidSettingException}.
 */
final class InvalidSettingFailureAnalyzer extends AbstractFailureAnalyzer<InvalidSettingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, InvalidSettingException cause) {
		return new FailureAnalysis("%s is '%s'.".formatted(cause.property(), cause.value()),
				"Set %s to %s.".formatted(cause.property(), cause.requirement()), cause);
	}

}
