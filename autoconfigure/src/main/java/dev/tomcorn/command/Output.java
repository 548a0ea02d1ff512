package dev.tomcorn.command;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.PrintableText;

import org.springframework.boot.json.JsonWriter;

/**
 * Where the result goes: a text for people, or one JSON document on standard output and
 * nothing else there. Whatever it is made of, no control character gets out.
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

	/**
	 * Print something on a stream.
	 */
	static void print(String text, PrintStream stream) {
		stream.print(PrintableText.lines(text));
	}

	private static void printLine(String text, PrintStream stream) {
		print(text + System.lineSeparator(), stream);
	}

	private void printJson(Map<String, Object> values) {
		StringBuilder json = new StringBuilder();
		JSON.writeToString(values).codePoints().forEach((character) -> {
			if (PrintableText.isPrintable(character)) {
				json.appendCodePoint(character);
			}
			else {
				// Only texts can have such a one, and there it may be written in this way
				for (char half : Character.toChars(character)) {
					json.append("\\u%04X".formatted((int) half));
				}
			}
		});
		this.out.println(json);
	}

	void result(Supplier<Map<String, Object>> values, Supplier<String> text) {
		if (this.json) {
			printJson(values.get());
		}
		else {
			print(text.get(), this.out);
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
			printJson(values);
		}
		else {
			printLine(answer.message(), good ? this.out : this.err);
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
			printLine(text, this.out);
		}
	}

}
