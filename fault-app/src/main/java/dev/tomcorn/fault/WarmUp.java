package dev.tomcorn.fault;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.stereotype.Component;

/**
 * Takes time between the start of the servers and the moment when the application is
 * ready.
 */
@Component
@ConditionalOnProperty("fault.warm-up")
final class WarmUp implements ApplicationRunner {

	private static final Log logger = LogFactory.getLog(WarmUp.class);

	private final Duration duration;

	WarmUp(@Value("${fault.warm-up}") Duration duration) {
		this.duration = duration;
	}

	@Override
	public void run(ApplicationArguments arguments) throws InterruptedException {
		logger.info("Warming up for " + this.duration);
		Thread.sleep(this.duration);
	}

}
