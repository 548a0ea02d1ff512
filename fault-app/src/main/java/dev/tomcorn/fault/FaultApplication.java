package dev.tomcorn.fault;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.web.server.context.WebServerPortFileWriter;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the application. With {@code --fault.files=DIRECTORY} it writes its process id
 * and its port there. It ends itself if {@code fault.exit-code} is set.
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
		ConfigurableApplicationContext context = application.run(args);
		Integer exitCode = context.getEnvironment().getProperty("fault.exit-code", Integer.class);
		if (exitCode != null) {
			System.exit(SpringApplication.exit(context, () -> exitCode));
		}
	}

}
