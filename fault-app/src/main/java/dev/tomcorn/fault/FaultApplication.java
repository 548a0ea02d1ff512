package dev.tomcorn.fault;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;

/**
 * Starts the application. With {@code --fault.files=DIRECTORY} it writes its process id
 * and its port there.
 */
@SpringBootApplication
public class FaultApplication {

	private static final String FILES = "--fault.files=";

	public static void main(String[] args) {
		SpringApplication application = new SpringApplication(FaultApplication.class);
		for (String argument : args) {
			if (argument.startsWith(FILES)) {
				String directory = argument.substring(FILES.length());
				application.addListeners(new ApplicationPidFileWriter(directory + "/app.pid"),
						new WebServerPortFileWriter(directory + "/app.port"));
			}
		}
		application.run(args);
	}

}
