package dev.tomcorn.request;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;

/**
 * The state of a request at a moment.
 *
 * @param number number of the request in this worker, from 1
 * @param method its method
 * @param path its path, without a query string
 * @param age time since it began to run, or since it arrived if it has not run
 * @param stage its stage
 * @param thread name of the thread that runs it, or {@code asynchronous}
 * @param frames the application's first frames, innermost first; empty if it was not
 * located
 */
public record RequestSnapshot(long number, String method, String path, Duration age, Stage stage, String thread,
		List<String> frames) {

	public RequestSnapshot {
		frames = List.copyOf(frames);
	}

	/**
	 * Return the same request with other frames.
	 * @param newFrames the frames
	 * @return the request
	 */
	public RequestSnapshot at(List<String> newFrames) {
		return new RequestSnapshot(this.number, this.method, this.path, this.age, this.stage, this.thread, newFrames);
	}

	/**
	 * Return the request in a clause.
	 * @return a clause such as {@code GET /orders for 1.2 s at OrderController.java:31}
	 */
	public String clause() {
		return String.format(Locale.ROOT, "%s %s for %.1f s%s", this.method, this.path, this.age.toMillis() / 1e3,
				ApplicationFrames.at(this.frames));
	}

	/**
	 * Return the request in lines.
	 * @return number, request, age, stage and thread, and its frames in further lines
	 */
	public String describe() {
		String line = String.format(Locale.ROOT, "%d %s %s, %.1f s, %s on %s", this.number, this.method, this.path,
				this.age.toMillis() / 1e3, this.stage, this.thread);
		return line + this.frames.stream().map((frame) -> "\n    at " + frame).collect(Collectors.joining());
	}

}
