package dev.tomcorn.logs;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;

/**
 * The current configuration of Log4j2, read by reflection.
 *
 * @param appenders its appenders
 */
record Log4j2Logs(List<Object> appenders) {

	private static final String CONSOLE = "org.apache.logging.log4j.core.appender.ConsoleAppender";

	static Log4j2Logs current() {
		Object context = null;
		try {
			Class<?> manager = ClassUtils.forName("org.apache.logging.log4j.LogManager",
					Log4j2Logs.class.getClassLoader());
			context = manager.getMethod("getContext", boolean.class).invoke(null, false);
		}
		catch (ClassNotFoundException | NoSuchMethodException | IllegalAccessException | InvocationTargetException
				| LinkageError ex) {
			// Another logging system
		}
		return of(context);
	}

	/**
	 * Return the configuration of a context; empty if it is not a context of Log4j2's own
	 * implementation.
	 */
	static Log4j2Logs of(@Nullable Object context) {
		Object configuration = (context != null) ? value(context, "getConfiguration") : null;
		return new Log4j2Logs(
				(configuration != null && value(configuration, "getAppenders") instanceof Map<?, ?> appenders)
						? new ArrayList<>(appenders.values()) : List.of());
	}

	@Nullable String nameless(ProcessName name) {
		for (Object appender : this.appenders) {
			if (appender.getClass().getName().equals(CONSOLE)) {
				Object layout = value(appender, "getLayout");
				Object pattern = (layout != null) ? value(layout, "getConversionPattern") : null;
				if (pattern instanceof String text && !text.contains("%pid") && !text.contains("%processId")
						&& !name.isIn(text)) {
					return String.valueOf(value(appender, "getName"));
				}
			}
		}
		return null;
	}

	/**
	 * Return the files that this process rolls or truncates.
	 */
	List<LogFile> files() {
		List<LogFile> files = new ArrayList<>();
		for (Object appender : this.appenders) {
			String type = appender.getClass().getSimpleName();
			Object manager = value(appender, "getManager");
			boolean rolls = type.startsWith("Rolling") && type.endsWith("Appender");
			boolean truncates = type.endsWith("FileAppender") && manager != null
					&& Boolean.FALSE.equals(value(manager, "isAppend"));
			if ((rolls || truncates) && value(appender, "getFileName") instanceof String file) {
				files.add(new LogFile(String.valueOf(value(appender, "getName")), file));
			}
		}
		return files;
	}

	private static @Nullable Object value(Object object, String getter) {
		try {
			return object.getClass().getMethod(getter).invoke(object);
		}
		catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException ex) {
			return null;
		}
	}

}
