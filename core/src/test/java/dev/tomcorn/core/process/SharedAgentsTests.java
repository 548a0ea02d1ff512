package dev.tomcorn.core.process;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.List;
import java.util.Set;

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
			List<String> agents = List.of("-agentlib:hprof", "-javaagent:/opt/a1.jar=%d:key".formatted(port));
			assertThat(SharedAgents.report(agents, Set.of()))
				.startsWith("The agent -javaagent:/opt/a1.jar has port %d open in the arbiter".formatted(port))
				.contains("tomcorn.jvm-options", "{worker+%d}".formatted(port))
				.doesNotContain("key");
			assertThat(SharedAgents.report(agents, Set.of(port))).as("the fleet's own").startsWith("Agents");
		}
	}

	@Test
	void otherAgentsAreNamed() {
		assertThat(SharedAgents.report(List.of("-javaagent:/opt/a.jar=x", "-agentpath:/opt/b.so"), Set.of()))
			.startsWith(
					"Agents of the command line or of a variable start in every process: -javaagent:/opt/a.jar, -agentpath:/opt/b.so")
			.contains("tomcorn.jvm-options");
	}

	@Test
	void withoutAgentsNothingIsSaid() {
		assertThat(SharedAgents.report(List.of(), Set.of())).isNull();
	}

}
