package dev.tomcorn.launch;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.docker.compose.core.DockerCompose;
import org.springframework.boot.docker.compose.core.DockerComposeFile;
import org.springframework.boot.docker.compose.lifecycle.DockerComposeProperties;
import org.springframework.core.env.Environment;

/**
 * Stops the Docker Compose services that another process has started, as that process
 * would do.
 */
final class ComposeCommand {

	private ComposeCommand() {
	}

	static void stop(Environment environment) {
		DockerComposeProperties properties = Binder.get(environment)
			.bindOrCreate("spring.docker.compose", DockerComposeProperties.class);
		DockerComposeFile file = properties.getFile().isEmpty() ? DockerComposeFile.find(null)
				: DockerComposeFile.of(properties.getFile());
		if (file == null) {
			return;
		}
		DockerCompose compose = DockerCompose.get(file, properties.getHost(), properties.getProfiles().getActive(),
				properties.getArguments());
		DockerComposeProperties.Stop stop = properties.getStop();
		switch (stop.getCommand()) {
			case STOP -> compose.stop(stop.getTimeout(), stop.getArguments());
			case DOWN -> compose.down(stop.getTimeout(), stop.getArguments());
		}
	}

}
