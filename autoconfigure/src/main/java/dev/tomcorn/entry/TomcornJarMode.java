package dev.tomcorn.entry;

import dev.tomcorn.launch.ShellCommand;

import org.springframework.boot.loader.jarmode.JarMode;

/**
 * {@link JarMode} that runs the command instead of the application:
 * {@code java -Djarmode=tomcorn -jar app.jar status}.
 */
final class TomcornJarMode implements JarMode {

	@Override
	public boolean accepts(String mode) {
		return ShellCommand.MODE.equalsIgnoreCase(mode);
	}

	@Override
	public void run(String mode, String[] args) {
		TomcornCommand.main(args);
	}

}
