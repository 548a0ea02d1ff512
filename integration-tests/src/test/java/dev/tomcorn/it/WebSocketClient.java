package dev.tomcorn.it;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import static org.awaitility.Awaitility.await;

/**
 * A WebSocket that keeps the received messages.
 */
final class WebSocketClient implements WebSocket.Listener {

	private final List<String> received = new CopyOnWriteArrayList<>();

	private final CompletableFuture<Integer> closed = new CompletableFuture<>();

	private final WebSocket socket;

	private WebSocketClient(URI uri, @Nullable TestTls tls) {
		HttpClient.Builder client = HttpClient.newBuilder();
		if (tls != null) {
			client.sslContext(tls.context());
		}
		this.socket = client.build()
			.newWebSocketBuilder()
			.buildAsync(uri, this)
			.orTimeout(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS)
			.join();
	}

	static WebSocketClient open(URI uri, @Nullable TestTls tls) {
		return new WebSocketClient(uri, tls);
	}

	WebSocket socket() {
		return this.socket;
	}

	List<String> received() {
		return this.received;
	}

	/**
	 * Return the first message, and wait for it.
	 */
	String awaitMessage() {
		await("message").atMost(DemoProcess.PATIENCE).until(() -> !this.received.isEmpty());
		return this.received.getFirst();
	}

	/**
	 * Return the code with which the server closes it.
	 */
	CompletableFuture<Integer> closed() {
		return this.closed.orTimeout(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
	}

	@Override
	public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
		this.received.add(data.toString());
		webSocket.request(1);
		return CompletableFuture.completedStage(null);
	}

	@Override
	public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
		this.closed.complete(statusCode);
		return CompletableFuture.completedStage(null);
	}

	@Override
	public void onError(WebSocket webSocket, Throwable error) {
		this.closed.completeExceptionally(error);
	}

}
