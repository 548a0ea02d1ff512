package dev.tomcorn.core.shell;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.PrintableText;
import org.jspecify.annotations.Nullable;

/**
 * Where the result goes: a text for people, or one JSON document on standard output and
 * nothing else there. Whatever it is made of, no control character gets out.
 */
final class Output {

	private final @Nullable Function<Map<String, Object>, String> json;

	private final PrintStream out;

	private final PrintStream err;

	/**
	 * Create the output.
	 * @param json writes the document, or {@code null} if the result is for people
	 * @param out takes the result
	 * @param err takes what is wrong
	 */
	Output(@Nullable Function<Map<String, Object>, String> json, PrintStream out, PrintStream err) {
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

	private void printJson(Function<Map<String, Object>, String> writer, Map<String, Object> values) {
		StringBuilder json = new StringBuilder();
		writer.apply(values).codePoints().forEach((character) -> {
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
		if (this.json != null) {
			printJson(this.json, values.get());
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
		if (this.json != null) {
			Map<String, Object> values = new LinkedHashMap<>();
			values.put("outcome", good ? answer.outcome().name() : Answer.Outcome.FAILED.name());
			values.put("message", answer.message());
			printJson(this.json, values);
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
		if (this.json == null) {
			printLine(text, this.out);
		}
	}

}
