package dev.tomcorn.launch;

import dev.tomcorn.core.listener.ListenException;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/**
 * {@link AbstractFailureAnalyzer} for {@link ListenException}.
 */
final class ListenFailureAnalyzer extends AbstractFailureAnalyzer<ListenException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, ListenException cause) {
		String port = "port " + cause.port();
		String server = (rootFailure instanceof ManagementPort.OccupiedException) ? "management.server" : "server";
		return switch (cause.reason()) {
			case IN_USE ->
				new FailureAnalysis("Web server failed to start. Port %d was already in use.".formatted(cause.port()),
						"Identify and stop the process that's listening on %s or configure this "
							.concat("application to listen on another port with %s.port.")
							.formatted(port, server),
						cause);
			case NOT_PERMITTED -> new FailureAnalysis("This user may not listen on %s.".formatted(port),
					"Choose a port above 1023 with %s.port, or give the JVM the capability CAP_NET_BIND_SERVICE."
						.formatted(server),
					cause);
			case NO_SUCH_ADDRESS -> new FailureAnalysis(
					"%s.address is %s, which is not an address of this machine.".formatted(server, cause.address()),
					"Set %s.address to an address of this machine, or remove it to listen on all.".formatted(server),
					cause);
			case OTHER -> new FailureAnalysis(String.valueOf(cause.getMessage()),
					"Check %1$s.address and %1$s.port, and the limits of this process.".formatted(server), cause);
		};
	}

}
