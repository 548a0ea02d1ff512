package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;

import dev.tomcorn.core.process.LockFile;
import org.junit.jupiter.api.Test;

import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for the directories that Boot creates, while a server runs.
 */
class TemporaryDirectoriesTests {

	@Test
	void directoriesOfARunningServerAreMarked() throws IOException {
		TomcatServletWebServerFactory factory = new TomcatServletWebServerFactory(0);
		AtomicReference<Path> base = new AtomicReference<>();
		AtomicReference<Path> documentRoot = new AtomicReference<>();
		factory.addContextCustomizers(new TemporaryDirectories(), (context) -> {
			base.set(context.getCatalinaBase().toPath());
			documentRoot.set(Path.of(context.getDocBase()));
		});
		WebServer server = factory.getWebServer();
		try {
			server.start();
			assertThat(Files.readAllLines(base.get().resolve(LockFile.NAME))).hasSize(2)
				.contains(documentRoot.get().getFileName().toString());
		}
		finally {
			server.stop();
			server.destroy();
		}
	}

}
