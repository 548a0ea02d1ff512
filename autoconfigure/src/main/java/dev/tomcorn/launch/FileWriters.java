package dev.tomcorn.launch;

import java.io.File;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.ApplicationPidFileWriter;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.system.ApplicationPid;
import org.springframework.boot.system.SystemProperties;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Boot's listeners that write the process ID and the ports of an application to files. In
 * a fleet, the arbiter writes these files and no worker does. Otherwise a file would name
 * a worker and be deleted with it.
 */
final class FileWriters {

	/**
	 * Given by name, since not every application has this module of Boot.
	 */
	static final String PORT_WRITER = "org.springframework.boot.web.server.context.WebServerPortFileWriter";

	private static final String PID_WRITER = ApplicationPidFileWriter.class.getName();

	private static final String MANAGEMENT = "management";

	private final List<ApplicationListener<?>> writers;

	private FileWriters(List<ApplicationListener<?>> writers) {
		this.writers = writers;
	}

	/**
	 * Remove the writers from an application, before they get any event.
	 * @param application the application
	 * @return the writers it had
	 */
	static FileWriters takeFrom(SpringApplication application) {
		List<ApplicationListener<?>> writers = new ArrayList<>();
		Set<ApplicationListener<?>> others = new LinkedHashSet<>();
		for (ApplicationListener<?> listener : application.getListeners()) {
			// The user's subclass is left as it is
			String type = listener.getClass().getName();
			if (type.equals(PID_WRITER) || type.equals(PORT_WRITER)) {
				writers.add(listener);
			}
			else {
				others.add(listener);
			}
		}
		if (!writers.isEmpty()) {
			application.setListeners(others);
		}
		return new FileWriters(writers);
	}

	/**
	 * Give the writers back to an application that runs solo.
	 * @param application the application
	 * @param missed the events that it has published meanwhile
	 */
	void giveBackTo(SpringApplication application, List<? extends SpringApplicationEvent> missed) {
		application.addListeners(this.writers.toArray(ApplicationListener<?>[]::new));
		for (ApplicationListener<?> writer : this.writers) {
			if (writer instanceof ApplicationPidFileWriter pidWriter) {
				missed.forEach(pidWriter::onApplicationEvent);
			}
		}
	}

	/**
	 * Return the files that the writers would write, with the values of the fleet.
	 * @param environment the application's environment
	 * @param port the fleet's port
	 * @param managementPort the port of the management endpoints, or {@code null} if they
	 * have none of their own
	 * @return the files
	 */
	FleetFiles files(Environment environment, int port, @Nullable Integer managementPort) {
		List<FleetFile> files = new ArrayList<>();
		boolean required = false;
		for (ApplicationListener<?> writer : this.writers) {
			if (writer instanceof ApplicationPidFileWriter) {
				// Load the class now, since the jar may be replaced meanwhile
				ApplicationPid pid = new ApplicationPid();
				files.add(FleetFile.ofProcess(pidFile(writer, environment), pid::write));
				required = Boolean.parseBoolean(first(environment.getProperty("spring.pid.fail-on-write-error"),
						SystemProperties.get("PID_FAIL_ON_WRITE_ERROR", "pid_fail_on_write_error")));
			}
			else {
				File file = file(writer, first(SystemProperties.get("PORTFILE", "portfile"), "application.port"));
				files.add(FleetFile.of(file, Integer.toString(port)));
				if (managementPort != null) {
					files.add(FleetFile.of(managementFile(file), Integer.toString(managementPort)));
				}
			}
		}
		return new FleetFiles(files, required);
	}

	private static File pidFile(ApplicationListener<?> writer, Environment environment) {
		String set = first(environment.getProperty("spring.pid.file"), environment.getProperty("spring.pidfile"),
				SystemProperties.get("PIDFILE", "pidfile"));
		return (set != null) ? new File(set) : file(writer, "application.pid");
	}

	/**
	 * Return the file that a writer was created with.
	 */
	private static File file(ApplicationListener<?> writer, @Nullable String otherwise) {
		try {
			Field field = writer.getClass().getDeclaredField("file");
			field.setAccessible(true);
			if (field.get(writer) instanceof File file) {
				return file;
			}
		}
		catch (ReflectiveOperationException | RuntimeException ex) {
			// Use Boot's default name
		}
		return new File(String.valueOf(otherwise));
	}

	/**
	 * Return the name that Boot gives to the file of the management port.
	 */
	private static File managementFile(File file) {
		String name = file.getName();
		String extension = StringUtils.getFilenameExtension(name);
		String base = (extension != null) ? name.substring(0, name.length() - extension.length() - 1) : name;
		boolean upperCase = name.chars()
			.noneMatch((letter) -> Character.isLetter(letter) && !Character.isUpperCase(letter));
		return new File(file.getParentFile(),
				base + "-" + (upperCase ? MANAGEMENT.toUpperCase(Locale.ENGLISH) : MANAGEMENT)
						+ (StringUtils.hasLength(extension) ? "." + extension : ""));
	}

	private static @Nullable String first(@Nullable String... values) {
		for (String value : values) {
			if (value != null) {
				return value;
			}
		}
		return null;
	}

}
