package dev.tomcorn.entry;

import java.lang.Thread.UncaughtExceptionHandler;

/**
 * {@link UncaughtExceptionHandler} that prints the message of an
 * {@link UnsupportedJavaException} without a stack trace, and passes all other exceptions
 * to the previous handler. The JVM still ends with exit code 1.
 */
final class OneLineReport implements UncaughtExceptionHandler {

	private final UncaughtExceptionHandler others;

	private OneLineReport(UncaughtExceptionHandler others) {
		this.others = others;
	}

	/**
	 * Set the handler if the thread runs the application's {@code main}. A test or a
	 * servlet container gets the exception and reports it itself.
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
		// Boot's launcher wraps exceptions of the application's main method
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof UnsupportedJavaException) {
				System.err.println(cause.getMessage());
				return;
			}
		}
		this.others.uncaughtException(thread, exception);
	}

}
