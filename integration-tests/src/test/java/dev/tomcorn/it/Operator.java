package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/**
 * A script that uses the write operation of the endpoint.
 */
final class Operator {

	/**
	 * Opens the write operation.
	 */
	static final String ACCESS = "--management.endpoint.workers.access=unrestricted";

	private Operator() {
	}

	/**
	 * The answer that a script gets.
	 *
	 * @param status the status code
	 * @param body the outcome
	 */
	record Answer(int status, String body) {
	}

	/**
	 * Request a reload, and wait for its outcome.
	 */
	static CompletableFuture<Answer> reload(DemoProcess app) {
		int port = app.port();
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		Thread.ofVirtual().start(() -> {
			try {
				answer.complete(post(port, "", "{\"action\":\"reload\",\"wait\":true}"));
			}
			catch (IOException | RuntimeException ex) {
				answer.completeExceptionally(ex);
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
				answer.completeExceptionally(ex);
			}
		});
		return answer;
	}

	/**
	 * Request an operation.
	 * @param path path below that of the endpoint
	 * @param json the request
	 */
	static Answer ask(DemoProcess app, String path, String json) {
		try {
			return post(app.port(), path, json);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	private static Answer post(int port, String path, String json) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest
			.newBuilder(URI.create("http://127.0.0.1:%d/actuator/workers%s".formatted(port, path)))
			.header("Content-Type", "application/json")
			.timeout(DemoProcess.PATIENCE)
			.POST(HttpRequest.BodyPublishers.ofString(json))
			.build();
		try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
			HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
			return new Answer(response.statusCode(), response.body());
		}
	}

}
