package dev.tomcorn.fault;

import java.nio.file.Files;
import java.nio.file.Path;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.worker.WorkerProcess;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Ends the JVM as soon as the worker is ready, while the file that
 * {@code fault.die-after-ready} names exists.
 */
@Component
@ConditionalOnProperty("fault.die-after-ready")
class DeathAfterReady {

	private static final int POLL_MILLIS = 10;

	private final WorkerProcess process;

	private final Path flag;

	DeathAfterReady(WorkerProcess process, @Value("${fault.die-after-ready}") Path flag) {
		this.process = process;
		this.flag = flag;
	}

	@EventListener(ApplicationReadyEvent.class)
	void die() {
		if (Files.exists(this.flag)) {
			Thread.ofPlatform().daemon().name("death").start(this::dieWhenReady);
		}
	}

	private void dieWhenReady() {
		try {
			while (this.process.slot().state() != WorkerState.READY) {
				Thread.sleep(POLL_MILLIS);
			}
			// The arbiter must learn of it first
			Thread.sleep(POLL_MILLIS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		Runtime.getRuntime().halt(1);
	}

}
