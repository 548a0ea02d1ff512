package dev.tomcorn.core.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import dev.tomcorn.core.ChildJvm;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class JavaCommandLineTests {

	private static @Nullable JavaCommandLine parse(Map<String, String> files, String... words) {
		return JavaCommandLine.parse(Stream.concat(Stream.of("java"), Stream.of(words)).toList(), files::get);
	}

	private static JavaCommandLine parsed(Map<String, String> files, String... words) {
		JavaCommandLine line = parse(files, words);
		assertThat(line).isNotNull();
		return line;
	}

	@ParameterizedTest
	@CsvSource(delimiter = '>', textBlock = """
			-jar app.jar a -jar b                         > -jar app.jar             > a -jar b
			-Xmx1g -jar -Da=b app.jar                     > -jar app.jar             >
			-cp x:y -Da=b Main -cp z                      > -cp x:y Main             > -cp z
			-cp x -classpath y Main                       > -classpath y Main        >
			--class-path=x Main a                         > --class-path=x Main      > a
			Main a                                        > Main                     > a
			-p mods -m app/Main a                         > -m app/Main              > a
			--module-path mods --module=app/Main a        > -m app/Main              > a
			--add-opens java.base/java.lang=x -jar a.jar  > -jar a.jar               >
			--add-modules -jar Main                       > Main                     >
			@@x Main                                      > @x                       > Main
			""")
	void applicationAndArgumentsAreTakenApart(String words, String application, @Nullable String arguments) {
		JavaCommandLine line = parsed(Map.of(), words.strip().split(" +"));
		assertThat(line.application().stream().map(CommandWord::text)).containsExactly(application.split(" +"));
		assertThat(line.arguments().stream().map(CommandWord::text))
			.containsExactlyElementsOf((arguments != null) ? List.of(arguments.split(" +")) : List.of());
	}

	@Test
	void whatComesFromAFileIsHidden() {
		Map<String, String> files = Map.of("f", "-cp 'a b' # comment\nMain \"--password=x\"");
		JavaCommandLine line = parsed(files, "-Da=b", "@f", "c", "@f");
		assertThat(line.application()).containsExactly(CommandWord.hidden("-cp"), CommandWord.hidden("a b"),
				CommandWord.hidden("Main"));
		assertThat(line.arguments()).containsExactly(CommandWord.hidden("--password=x"), CommandWord.visible("c"),
				CommandWord.visible("@f"));
	}

	@Test
	void filesMayBeNeitherNamedNorReadAnyMore() {
		assertThat(parse(Map.of(), "@gone", "Main")).isNull();
		assertThat(parse(Map.of(), "-version")).isNull();
		assertThat(parse(Map.of())).isNull();
		assertThat(parsed(Map.of("f", "Main"), "--disable-@files", "@f").application())
			.containsExactly(CommandWord.visible("@f"));
	}

	@Test
	@EnabledOnOs(OS.LINUX)
	void launcherReadsItAlike(@TempDir Path directory) throws Exception {
		String text = """
				-Dfirst=1 "-Dsecond=a \"b\" c\\\\d" # comment
				'-Dthird=it is\\'s' -Dfourth=c:\\dir -Dfifth="a b"'c d'e # comment
				-Dsixth="one \\
				      two"
				""";
		List<String> options = ArgumentFile.words(text);
		String classPath = System.getProperty("java.class.path");
		Path file = Files.writeString(directory.resolve("options"),
				text + ArgumentFile.of(List.of("-cp", classPath, Echo.class.getName(), "x y", "", "#z", "\\\"'")));
		List<String> command = new ArrayList<>(ChildJvm.command(Echo.class).subList(0, 1));
		command.addAll(List.of("-Dvisible=1", "@" + file, "", "@last"));
		Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
		List<String> lines = process.inputReader().lines().toList();
		assertThat(process.waitFor()).isZero();
		assertThat(lines.subList(0, options.size() + 1)).containsExactlyElementsOf(Stream
			.concat(Stream.of("option -Dvisible=1 true"), options.stream().map((o) -> "option " + o + " false"))
			.toList());
		assertThat(lines).endsWith("-cp false", classPath + " false", Echo.class.getName() + " false", "x y false",
				" false", "#z false", "\\\"' false", " true", "@last true");
	}

	/**
	 * Prints the options of this JVM and the command that it runs.
	 */
	static final class Echo {

		private Echo() {
		}

		public static void main(String[] arguments) {
			for (CommandWord option : JvmOptions.ofThisJvm().kept()) {
				System.out.println("option " + option.text() + " " + option.visible());
			}
			JavaCommandLine line = JavaCommandLine.ofThisJvm();
			if (line != null) {
				Stream.concat(line.application().stream(), line.arguments().stream())
					.forEach((word) -> System.out.println(word.text() + " " + word.visible()));
			}
		}

	}

}
