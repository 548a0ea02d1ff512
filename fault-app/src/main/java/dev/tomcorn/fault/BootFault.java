package dev.tomcorn.fault;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Makes the boot fail if {@code fault.boot} is set, and delays it while the file that
 * {@code fault.hold-boot} names exists.
 */
@Component
class BootFault {

	private static final int POLL_MILLIS = 10;

	BootFault(@Value("${fault.boot:none}") String fault, @Value("${fault.hold-boot:}") String hold)
			throws InterruptedException {
		while (!hold.isEmpty() && Files.exists(Path.of(hold))) {
			Thread.sleep(POLL_MILLIS);
		}
		switch (fault) {
			case "none" -> {
			}
			case "fail" -> throw new IllegalStateException("This version cannot boot, as fault.boot says");
			case "hang" -> new CountDownLatch(1).await();
			default -> throw new IllegalArgumentException("fault.boot must be none, fail or hang: " + fault);
		}
	}

}
