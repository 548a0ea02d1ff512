package dev.tomcorn.core.process;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JvmOptionTests {

	private final Map<String, String> environment = new HashMap<>();

	private final Map<String, String> files = new HashMap<>();

	private List<JvmOption> of(List<String> commandLine, String... reported) {
		return JvmOption.of(List.of(reported), this.environment, commandLine, this.files::get);
	}

	@Test
	void eachOptionHasItsSource() {
		this.environment.put("JAVA_TOOL_OPTIONS", "-Da=1 '-Db=x y'");
		this.environment.put("JDK_JAVA_OPTIONS", "-Dc=1 --add-modules jdk.jfr");
		this.environment.put("_JAVA_OPTIONS", "-Df=1");
		this.files.put("app.args", "-Dd=1");
		assertThat(of(List.of("java", "@app.args", "-De=1", "--add-opens", "a/b=c", "-jar", "shop.jar"), "-Da=1",
				"-Db=x y", "-Dc=1", "--add-modules=jdk.jfr", "-Dd=1", "-De=1", "--add-opens=a/b=c", "-Df=1"))
			.containsExactly(new JvmOption("-Da=1", "JAVA_TOOL_OPTIONS", false),
					new JvmOption("-Db=x y", "JAVA_TOOL_OPTIONS", false),
					new JvmOption("-Dc=1", "JDK_JAVA_OPTIONS", false),
					new JvmOption("--add-modules=jdk.jfr", "JDK_JAVA_OPTIONS", false),
					new JvmOption("-Dd=1", null, false), new JvmOption("-De=1", null, true),
					new JvmOption("--add-opens=a/b=c", null, true), new JvmOption("-Df=1", "_JAVA_OPTIONS", false));
	}

	@Test
	void fileOfAVariableIsTheVariablesWhateverStandsOnTheCommandLine() {
		this.environment.put("JDK_JAVA_OPTIONS", "@agents.args");
		this.files.put("agents.args", "-agentlib:jdwp=address=5005");
		this.files.put("app.args", "-Xmx1g");
		assertThat(of(List.of("java", "-XX:+UseZGC", "@app.args", "Main"), "-agentlib:jdwp=address=5005", "-XX:+UseZGC",
				"-Xmx1g"))
			.containsExactly(new JvmOption("-agentlib:jdwp=address=5005", "JDK_JAVA_OPTIONS", false),
					new JvmOption("-XX:+UseZGC", null, true), new JvmOption("-Xmx1g", null, false));
	}

	@Test
	void optionThatIsGivenTwiceHasBothSources() {
		this.environment.put("JAVA_TOOL_OPTIONS", "-Da=1");
		assertThat(of(List.of("java", "-Da=1", "Main"), "-Da=1", "-Da=1"))
			.containsExactly(new JvmOption("-Da=1", "JAVA_TOOL_OPTIONS", false), new JvmOption("-Da=1", null, true));
	}

	@Test
	void optionOfAFileThatOnlyTheJvmReadsBelongsToWhoNamesTheFile() {
		assertThat(of(List.of("java", "-XX:VMOptionsFile=vm.txt", "Main"), "-Da=1"))
			.containsExactly(new JvmOption("-Da=1", null, false));
		this.environment.put("JAVA_TOOL_OPTIONS", "-XX:VMOptionsFile=vm.txt");
		assertThat(of(List.of("java", "-XX:+UseZGC", "Main"), "-Da=1", "-XX:+UseZGC")).containsExactly(
				new JvmOption("-Da=1", "JAVA_TOOL_OPTIONS", false), new JvmOption("-XX:+UseZGC", null, true));
	}

	@Test
	void argumentOfTheApplicationIsNoOption() {
		assertThat(of(List.of("java", "Main", "-Da=1", "@app.args"), "-Da=1"))
			.containsExactly(new JvmOption("-Da=1", null, false));
	}

}
