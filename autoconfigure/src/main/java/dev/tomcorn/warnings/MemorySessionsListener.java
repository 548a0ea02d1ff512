package dev.tomcorn.warnings;

import java.util.stream.Stream;

import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import org.apache.catalina.Context;
import org.apache.catalina.session.StandardManager;

import org.springframework.boot.tomcat.TomcatContextCustomizer;

/**
 * {@link TomcatContextCustomizer} that warns when Tomcat creates a session in the memory
 * of a worker. With Spring Session or another session manager, Tomcat creates none.
 */
final class MemorySessionsListener implements TomcatContextCustomizer {

	private final WarningReporter warnings;

	/**
	 * Create a customizer.
	 * @param warnings reports the sessions
	 */
	MemorySessionsListener(WarningReporter warnings) {
		this.warnings = warnings;
	}

	@Override
	public void customize(Context context) {
		// Not a bean, because Spring Session would call it for its own sessions
		context.setApplicationLifecycleListeners(
				Stream.concat(Stream.of(context.getApplicationLifecycleListeners()), Stream.of(new Listener(context)))
					.toArray());
	}

	private final class Listener implements HttpSessionListener {

		private final Context context;

		Listener(Context context) {
			this.context = context;
		}

		@Override
		public void sessionCreated(HttpSessionEvent event) {
			if (this.context.getManager() instanceof StandardManager) {
				MemorySessionsListener.this.warnings.happened(StateInMemory.SESSIONS);
			}
		}

	}

}
