package dev.tomcorn.core.process;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

@EnabledOnOs(OS.LINUX)
class SharedAgentsTests {

	@Test
	void agentWhosePortIsOpenInThisProcessIsNamedWithWhatToWrite() throws Exception {
		try (ServerSocketChannel server = ServerSocketChannel.open()
			.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
			int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
			assertThat(
					SharedAgents.report(List.of("-agentlib:hprof", "-javaagent:/opt/a1.jar=%d:conf".formatted(port))))
				.startsWith(
						"The agent -javaagent:/opt/a1.jar=%d:conf has port %1$d open in the arbiter".formatted(port))
				.endsWith("tomcorn.jvm-options=-javaagent:/opt/a1.jar={worker+%d}:conf".formatted(port + 1));
		}
	}

	@Test
	void otherAgentsAreNamed() {
		assertThat(SharedAgents.report(List.of("-javaagent:/opt/a.jar=x", "-agentpath:/opt/b.so")))
			.startsWith(
					"Agents of the command line start in every process: -javaagent:/opt/a.jar=x, -agentpath:/opt/b.so")
			.contains("tomcorn.jvm-options");
	}

	@Test
	void withoutAgentsNothingIsSaid() {
		assertThat(SharedAgents.report(List.of())).isNull();
	}

}
