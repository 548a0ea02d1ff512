package dev.tomcorn.entry;

import java.lang.Thread.UncaughtExceptionHandler;

/**
 * {@link UncaughtExceptionHandler} that prints the message of an
 * {@link UnsupportedJavaException} without a stack trace, and leaves all else to the
 * handler that was there before. The JVM still ends with exit code 1.
 */
final class OneLineReport implements UncaughtExceptionHandler {

	private final UncaughtExceptionHandler others;

	private OneLineReport(UncaughtExceptionHandler others) {
		this.others = others;
	}

	/**
	 * Set the handler for the thread that runs the application's {@code main}, if this is
	 * it. A test or a servlet container gets the exception and reports it in its own way.
	 */
	static void setUpForMain(Thread thread) {
		ThreadGroup group = thread.getThreadGroup();
		if (thread.getName().equals("main") && group != null && group.getName().equals("main")
				&& !(thread.getUncaughtExceptionHandler() instanceof OneLineReport)) {
			thread.setUncaughtExceptionHandler(new OneLineReport(thread.getUncaughtExceptionHandler()));
		}
	}

	@Override
	public void uncaughtException(Thread thread, Throwable exception) {
		// Boot's launcher wraps what the application's main method throws
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof UnsupportedJavaException) {
				System.err.println(cause.getMessage());
				return;
			}
		}
		this.others.uncaughtException(thread, exception);
	}

}
