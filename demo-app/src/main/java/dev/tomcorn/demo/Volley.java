package dev.tomcorn.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Requests that are sent all at once, each on a connection of its own.
 *
 * @param workerClass how the workers run requests
 * @param ms how long each request was to wait
 * @param tookMillis time until the last of them ended
 * @param requests the outcome of each
 */
record Volley(String workerClass, int ms, long tookMillis, List<Request> requests) {

	/**
	 * Longest time to wait for an answer in milliseconds.
	 */
	private static final int PATIENCE = 30_000;

	private static final int LONGEST_ANSWER = 64 * 1024;

	private static final JsonMapper JSON = new JsonMapper();

	/**
	 * The outcome of a request. Times begin when all requests were sent.
	 *
	 * @param number its number, from 1
	 * @param worker index of the worker that served it
	 * @param pid that worker's process
	 * @param thread name of the thread that ran it
	 * @param virtual whether that is a virtual thread
	 * @param beganMillis when it began to run
	 * @param endedMillis when its answer was complete
	 * @param failure why there is no answer, or {@code null} if there is one
	 */
	record Request(int number, int worker, long pid, String thread, boolean virtual, long beganMillis, long endedMillis,
			@Nullable String failure) {

	}

	/**
	 * The part of an answer that is read.
	 */
	private record Answer(int worker, long pid, String thread, boolean virtual, long beganAt) {

	}

	static Volley fire(String workerClass, int port, int count, int ms) throws InterruptedException {
		CountDownLatch ready = new CountDownLatch(count);
		CompletableFuture<Long> go = new CompletableFuture<>();
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			List<CompletableFuture<Request>> requests = IntStream.rangeClosed(1, count)
				.mapToObj((number) -> CompletableFuture.supplyAsync(() -> {
					ready.countDown();
					return send(number, port, ms, go.join());
				}, executor))
				.toList();
			ready.await();
			go.complete(System.currentTimeMillis());
			List<Request> ended = requests.stream().map(CompletableFuture::join).toList();
			return new Volley(workerClass, ms, ended.stream().mapToLong(Request::endedMillis).max().orElse(0), ended);
		}
	}

	private static Request send(int number, int port, int ms, long start) {
		try (Socket socket = new Socket()) {
			socket.setSoTimeout(PATIENCE);
			socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE);
			// An answer to HTTP/1.0 ends with its connection, and is not chunked
			String request = "GET /io?ms=%d HTTP/1.0\r\nHost: localhost\r\nAccept: application/json\r\nConnection: close\r\n\r\n";
			socket.getOutputStream().write(request.formatted(ms).getBytes(StandardCharsets.US_ASCII));
			byte[] response = socket.getInputStream().readNBytes(LONGEST_ANSWER);
			long ended = System.currentTimeMillis() - start;
			return answered(number, new String(response, StandardCharsets.UTF_8), start, ended);
		}
		catch (IOException ex) {
			return failed(number, System.currentTimeMillis() - start, ex.toString());
		}
	}

	private static Request answered(int number, String response, long start, long ended) {
		if (response.isEmpty()) {
			return failed(number, ended, "The connection was closed without an answer");
		}
		String status = response.lines().findFirst().orElse("");
		if (!status.matches("HTTP/1\\.1 200.*")) {
			return failed(number, ended, status);
		}
		try {
			Answer answer = JSON.readValue(response.substring(response.indexOf("\r\n\r\n") + 4), Answer.class);
			return new Request(number, answer.worker(), answer.pid(), answer.thread(), answer.virtual(),
					Math.max(0, answer.beganAt() - start), ended, null);
		}
		catch (JacksonException ex) {
			return failed(number, ended, "The answer is cut off");
		}
	}

	private static Request failed(int number, long ended, String failure) {
		return new Request(number, -1, -1, "", false, 0, ended, failure);
	}

}
