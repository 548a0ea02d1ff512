package dev.tomcorn.fault;

import java.util.concurrent.CountDownLatch;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

/**
 * Spoils the boot when {@code fault.boot} says so.
 */
@Component
class BootFault {

	BootFault(@Value("${fault.boot:none}") String fault) throws InterruptedException {
		switch (fault) {
			case "none" -> {
			}
			case "fail" -> throw new IllegalStateException("This version cannot boot, as fault.boot says");
			case "hang" -> new CountDownLatch(1).await();
			default -> throw new IllegalArgumentException("fault.boot must be none, fail or hang: " + fault);
		}
	}

}
