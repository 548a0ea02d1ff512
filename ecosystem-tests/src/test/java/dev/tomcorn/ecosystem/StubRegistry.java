package dev.tomcorn.ecosystem;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * The part of a service registry that clients use: an agent of Consul, a server of Eureka
 * or Spring Boot Admin.
 */
final class StubRegistry implements AutoCloseable {

	private static final Pattern ID = Pattern.compile("\"(?:ID|instanceId|healthUrl)\"\\s*:\\s*\"([^\"]+)\"");

	private static final Pattern STATUS = Pattern.compile("\"status\"\\s*:\\s*\"([A-Z_]+)\"");

	/**
	 * The registered instances, and their status.
	 */
	final Map<String, String> instances = new ConcurrentHashMap<>();

	/**
	 * The requests of clients, without lookups.
	 */
	final List<String> calls = new CopyOnWriteArrayList<>();

	private final HttpServer server;

	StubRegistry() throws IOException {
		this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	Set<String> ids() {
		return Set.copyOf(this.instances.keySet());
	}

	private void handle(HttpExchange exchange) throws IOException {
		String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
		String path = URLDecoder.decode(exchange.getRequestURI().getRawPath(), StandardCharsets.UTF_8);
		String last = path.substring(path.lastIndexOf('/') + 1);
		String method = exchange.getRequestMethod();
		int status = 200;
		if (path.endsWith("/agent/service/register") || method.equals("POST")) {
			register(body);
			status = method.equals("POST") ? 204 : 200;
		}
		else if (path.contains("/agent/service/deregister/") || method.equals("DELETE")) {
			this.calls.add("deregister " + last);
			status = (this.instances.remove(last) != null) ? 200 : 404;
		}
		else if (method.equals("PUT")) {
			this.calls.add("beat " + last);
			status = this.instances.containsKey(last.replace("service:", "")) ? 200 : 404;
		}
		byte[] answer = method.equals("POST") && path.equals("/instances")
				? "{\"id\":\"1\"}".getBytes(StandardCharsets.UTF_8) : new byte[0];
		exchange.getResponseHeaders().add("Content-Type", "application/json");
		exchange.sendResponseHeaders((answer.length > 0) ? 201 : status, (answer.length > 0) ? answer.length : -1);
		exchange.getResponseBody().write(answer);
		exchange.close();
	}

	private void register(String body) {
		Matcher id = ID.matcher(body);
		if (!id.find()) {
			throw new IllegalArgumentException(body);
		}
		Matcher status = STATUS.matcher(body);
		String newStatus = status.find() ? status.group(1) : "UP";
		this.instances.put(id.group(1), newStatus);
		this.calls.add("register " + id.group(1) + " " + newStatus);
	}

	@Override
	public void close() {
		this.server.stop(0);
	}

}
