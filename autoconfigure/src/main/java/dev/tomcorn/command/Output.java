package dev.tomcorn.command;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.Answer;

import org.springframework.boot.json.JsonWriter;

/**
 * Where the result goes: a text for people, or one JSON document on standard output and
 * nothing else there.
 */
final class Output {

	private static final JsonWriter<Map<String, Object>> JSON = JsonWriter.standard();

	private final boolean json;

	private final PrintStream out;

	private final PrintStream err;

	Output(boolean json, PrintStream out, PrintStream err) {
		this.json = json;
		this.out = out;
		this.err = err;
	}

	void result(Supplier<Map<String, Object>> values, Supplier<String> text) {
		if (this.json) {
			this.out.println(JSON.writeToString(values.get()));
		}
		else {
			this.out.print(text.get());
		}
	}

	/**
	 * Tell what has become of an operation.
	 * @return the exit code
	 */
	int answer(Answer answer) {
		boolean good = answer.outcome().isGood();
		if (this.json) {
			Map<String, Object> values = new LinkedHashMap<>();
			values.put("outcome", good ? answer.outcome().name() : Answer.Outcome.FAILED.name());
			values.put("message", answer.message());
			this.out.println(JSON.writeToString(values));
		}
		else {
			(good ? this.out : this.err).println(answer.message());
		}
		return good ? ExitCode.OK : ExitCode.FAILED;
	}

	void failed(String message) {
		answer(Answer.failed(message));
	}

	/**
	 * Tell a person what is going on.
	 */
	void progress(String text) {
		if (!this.json) {
			this.out.println(text);
		}
	}

}
