package dev.tomcorn.fault;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.tomcorn.Worker;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Answers that take some time without a thread, or come in parts.
 */
@RestController
class AsyncController {

	private static final long NEVER = 0L;

	private final Worker worker;

	AsyncController(Worker worker) {
		this.worker = worker;
	}

	@GetMapping("/deferred")
	DeferredResult<ServedBy> deferred(@RequestParam int ms) {
		DeferredResult<ServedBy> result = new DeferredResult<>(NEVER);
		CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS)
			.execute(() -> result.setResult(ServedBy.currentThreadOf(this.worker)));
		return result;
	}

	/**
	 * Lines with a pause before each. The client does not know their number.
	 */
	@GetMapping(path = "/stream", produces = MediaType.TEXT_PLAIN_VALUE)
	StreamingResponseBody stream(@RequestParam int lines, @RequestParam int ms, HttpServletResponse response) {
		return (out) -> {
			for (int i = 1; i <= lines; i++) {
				pause(Duration.ofMillis(ms));
				out.write("line %d%n".formatted(i).getBytes(StandardCharsets.US_ASCII));
				response.flushBuffer();
			}
		};
	}

	/**
	 * Events without an end.
	 */
	@GetMapping("/events")
	SseEmitter events(@RequestParam(defaultValue = "100") int ms) {
		return emit(Integer.MAX_VALUE, ms);
	}

	/**
	 * An answer that is sent as events, as language models do.
	 */
	@PostMapping("/events")
	SseEmitter answerInEvents(@RequestParam int count, @RequestParam(defaultValue = "100") int ms) {
		return emit(count, ms);
	}

	private SseEmitter emit(int count, int ms) {
		SseEmitter emitter = new SseEmitter(NEVER);
		Thread.ofVirtual().start(() -> {
			try {
				for (int i = 1; i <= count; i++) {
					emitter.send("event " + i);
					pause(Duration.ofMillis(ms));
				}
				emitter.complete();
			}
			catch (IllegalStateException ex) {
				// The stream was ended. Completing it with an error may overtake that,
				// and the client would see a broken stream
			}
			catch (Exception ex) {
				// The client has disconnected
				emitter.completeWithError(ex);
			}
		});
		return emitter;
	}

	private static void pause(Duration duration) {
		try {
			Thread.sleep(duration);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
