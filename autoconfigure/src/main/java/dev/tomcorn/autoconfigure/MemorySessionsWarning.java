package dev.tomcorn.autoconfigure;

import java.util.stream.Stream;

import jakarta.servlet.http.HttpSessionEvent;
import jakarta.servlet.http.HttpSessionListener;
import org.apache.catalina.Context;
import org.apache.catalina.session.StandardManager;

import org.springframework.boot.tomcat.TomcatContextCustomizer;

/**
 * {@link TomcatContextCustomizer} that warns when Tomcat creates a session in the memory
 * of one of several workers. With Spring Session or a session manager of somebody else it
 * creates none.
 */
final class MemorySessionsWarning implements TomcatContextCustomizer {

	private final StateWarnings warnings;

	MemorySessionsWarning(StateWarnings warnings) {
		this.warnings = warnings;
	}

	@Override
	public void customize(Context context) {
		// Not as a bean: Spring Session would tell that of its own sessions
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
				MemorySessionsWarning.this.warnings.warn("sessions",
						"An HTTP session was created in the memory of this worker: the next request of its client may "
								+ "reach another worker, and the session ends with its worker, at a reload too. Keep "
								+ "sessions outside with Spring Session, such as spring-boot-starter-session-jdbc, or "
								+ "keep no state in them");
			}
		}

	}

}
