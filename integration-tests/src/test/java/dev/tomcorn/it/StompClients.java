package dev.tomcorn.it;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Clients that listen by STOMP over WebSockets until the server ends them.
 *
 * @param ends the status code with which each connection has been closed
 */
record StompClients(List<CompletableFuture<Integer>> ends) {

	private static final String CONNECT = "CONNECT\naccept-version:1.2\n\n\0";

	/**
	 * Connect some.
	 */
	static StompClients connect(int port, String path, int number) throws Exception {
		List<CompletableFuture<Integer>> ends = new ArrayList<>();
		for (int i = 0; i < number; i++) {
			Listener listener = new Listener(new CompletableFuture<>(), new CompletableFuture<>());
			WebSocket socket = HttpClient.newHttpClient()
				.newWebSocketBuilder()
				.subprotocols("v12.stomp")
				.buildAsync(URI.create("ws://127.0.0.1:%d%s".formatted(port, path)), listener)
				.get(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
			socket.sendText(CONNECT, true);
			listener.connected.get(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS);
			ends.add(listener.end);
		}
		return new StompClients(ends);
	}

	/**
	 * Wait for the end of all.
	 * @return the status code of each
	 */
	List<Integer> awaitEnd() throws Exception {
		List<Integer> codes = new ArrayList<>();
		for (CompletableFuture<Integer> end : this.ends) {
			codes.add(end.get(DemoProcess.PATIENCE.toSeconds(), TimeUnit.SECONDS));
		}
		return codes;
	}

	private record Listener(CompletableFuture<String> connected,
			CompletableFuture<Integer> end) implements WebSocket.Listener {

		@Override
		public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
			this.connected.complete(data.toString());
			socket.request(1);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public CompletionStage<?> onClose(WebSocket socket, int statusCode, String reason) {
			this.end.complete(statusCode);
			return CompletableFuture.completedStage(null);
		}

		@Override
		public void onError(WebSocket socket, Throwable error) {
			this.connected.completeExceptionally(error);
			this.end.completeExceptionally(error);
		}

	}

}
