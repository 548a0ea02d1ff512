package dev.tomcorn.fault;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the application, and ends it again where {@code fault.exit-code} is set.
 */
@SpringBootApplication
public class FaultApplication {

	public static void main(String[] args) {
		ConfigurableApplicationContext context = SpringApplication.run(FaultApplication.class, args);
		Integer exitCode = context.getEnvironment().getProperty("fault.exit-code", Integer.class);
		if (exitCode != null) {
			System.exit(SpringApplication.exit(context, () -> exitCode));
		}
	}

}
