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
 * Writes the result: text, or exactly one JSON document on standard output. Control
 * characters are removed from it.
 */
final class Output {

	private final @Nullable Function<Map<String, Object>, String> json;

	private final PrintStream out;

	private final PrintStream err;

	/**
	 * Create the output.
	 * @param json writes the document, or {@code null} for text
	 * @param out stream for results
	 * @param err stream for errors
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
				// Such a character occurs only in strings, where JSON allows this form
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
	 * Print the outcome of an operation.
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
	 * Print progress, unless the output is JSON.
	 */
	void progress(String text) {
		if (this.json == null) {
			printLine(text, this.out);
		}
	}

}
