package dev.tomcorn.peer;

import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the channel between the workers
 * of a fleet.
 */
@AutoConfiguration(afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration")
@ConditionalOnBean(WorkerProcess.class)
public final class PeerAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	Peers tomcornPeers(WorkerProcess process) {
		return new Peers(process.scoreboard(), process.slot(), process.runDirectory());
	}

	@Bean(destroyMethod = "close")
	RunDirectoryWatch tomcornRunDirectoryWatch() {
		return new RunDirectoryWatch();
	}

	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(ManagementPortType.class)
	static class PeerChannelConfiguration {

		@Bean
		@Lazy(false)
		PeerChannelOpener tomcornPeerChannelOpener(WorkerProcess process, Peers peers, RunDirectoryWatch watch,
				ObjectProvider<PeerCommand> commands, Environment environment) {
			PeerChannel channel = (process.runDirectory() != null)
					? new PeerChannel(peers, process.runDirectory(), watch, commands::stream) : null;
			return new PeerChannelOpener(channel, ManagementPortType.get(environment) == ManagementPortType.DIFFERENT);
		}

	}

	/**
	 * Opens the channel on the server that has the actuator endpoints: the application's
	 * or the management server. The application's context gets the events of both.
	 */
	record PeerChannelOpener(@Nullable PeerChannel channel,
			boolean onManagementServer) implements ApplicationListener<WebServerInitializedEvent> {

		private static final String MANAGEMENT = "management";

		@Override
		public void onApplicationEvent(WebServerInitializedEvent event) {
			String namespace = event.getApplicationContext().getServerNamespace();
			if (this.channel != null && MANAGEMENT.equals(namespace) == this.onManagementServer
					&& event.getWebServer() instanceof TomcatWebServer server) {
				this.channel.open(server.getTomcat());
			}
		}

	}

}
