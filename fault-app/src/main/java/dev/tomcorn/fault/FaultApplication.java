package dev.tomcorn.fault;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/**
 * Starts the application.
 */
@SpringBootApplication
public class FaultApplication {

	public static void main(String[] args) {
		SpringApplication.run(FaultApplication.class, args);
	}

}
