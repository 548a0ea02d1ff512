package dev.tomcorn.core;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets every {@code await()} of this module check at once and often, and fail only when
 * something hangs. JUnit finds it as a service.
 */
public final class PatientAwaits implements BeforeAllCallback {

	@Override
	public void beforeAll(ExtensionContext context) {
		Awaitility.setDefaultPollDelay(Duration.ZERO);
		Awaitility.setDefaultPollInterval(Duration.ofMillis(5));
		Awaitility.setDefaultTimeout(Duration.ofMinutes(2));
		// The thread may be one of a class that runs at the same time
		Awaitility.doNotCatchUncaughtExceptionsByDefault();
	}

}
