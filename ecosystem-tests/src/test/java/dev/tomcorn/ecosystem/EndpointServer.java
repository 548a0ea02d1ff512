package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;

import dev.tomcorn.actuate.WorkersEndpointAutoConfiguration;
import dev.tomcorn.peer.PeerAutoConfiguration;
import dev.tomcorn.tomcat.TomcornAutoConfiguration;

import org.springframework.boot.actuate.autoconfigure.endpoint.EndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.jackson.JacksonEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.endpoint.web.WebEndpointAutoConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementContextAutoConfiguration;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.servlet.autoconfigure.actuate.web.ServletManagementContextAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * A real server that has the fleet's endpoint, solo, and a client of it.
 */
final class EndpointServer implements AutoCloseable {

	private final ConfigurableApplicationContext context;

	private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	EndpointServer(Class<?>... configuration) {
		this.context = new SpringApplicationBuilder(Endpoints.class).sources(configuration)
			.properties("server.port=0", "server.address=127.0.0.1", "server.shutdown=immediate",
					"spring.main.banner-mode=off", "management.endpoints.web.exposure.include=workers",
					"management.endpoint.workers.access=unrestricted", "spring.security.user.name=ops",
					"spring.security.user.password=secret", "tomcorn.arbiter.enabled=false",
					"spring.cloud.bootstrap.enabled=false")
			.run();
	}

	HttpRequest.Builder request() {
		return HttpRequest.newBuilder(URI.create("http://127.0.0.1:%s/actuator/workers"
			.formatted(this.context.getEnvironment().getProperty("local.server.port"))));
	}

	/**
	 * Return a request with the user's name and password.
	 */
	HttpRequest.Builder authorized() {
		return request().header("Authorization",
				"Basic " + Base64.getEncoder().encodeToString("ops:secret".getBytes()));
	}

	static HttpRequest.Builder reload(HttpRequest.Builder request) {
		return request.header("Content-Type", "application/json")
			.POST(HttpRequest.BodyPublishers.ofString("{\"action\":\"reload\"}"));
	}

	HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
		return this.client.send(request.build(), HttpResponse.BodyHandlers.ofString());
	}

	@Override
	public void close() {
		this.context.close();
		this.client.close();
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ TomcatServletWebServerAutoConfiguration.class, TomcornAutoConfiguration.class,
			PeerAutoConfiguration.class, WorkersEndpointAutoConfiguration.class, EndpointAutoConfiguration.class,
			JacksonEndpointAutoConfiguration.class, WebEndpointAutoConfiguration.class,
			ManagementContextAutoConfiguration.class, ServletManagementContextAutoConfiguration.class })
	static class Endpoints {

	}

}
