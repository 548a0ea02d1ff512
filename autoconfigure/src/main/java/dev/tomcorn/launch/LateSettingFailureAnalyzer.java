package dev.tomcorn.launch;

import java.util.stream.Collectors;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link LateSettingException}.
 */
final class LateSettingFailureAnalyzer extends AbstractFailureAnalyzer<LateSettingException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, LateSettingException cause) {
		String settings = cause.settings().stream().map((setting) -> "\n    " + setting).collect(Collectors.joining());
		String properties = cause.settings()
			.stream()
			.map(LateSetting::property)
			.distinct()
			.collect(Collectors.joining(", "));
		return new FailureAnalysis("The arbiter has read these settings before the application set them:\n" + settings,
				"Set " + properties + " in application.properties or application.yml, in a file that "
						+ "spring.config.import names, as an environment variable or on the command line. Or set "
						+ "tomcorn.arbiter.enabled to false there to run in one process.",
				cause);
	}

}
