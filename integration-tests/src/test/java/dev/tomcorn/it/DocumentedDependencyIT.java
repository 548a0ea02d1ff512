package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The dependency of the README, installed by the README's command and used by an
 * application. It builds the project once more, so it is for the nightly profile.
 */
@EnabledIfSystemProperty(named = "chaos.full", matches = "true", disabledReason = "Builds the project once more")
class DocumentedDependencyIT {

	private static final Duration PATIENCE = Duration.ofMinutes(5);

	private static final String APPLICATION = """
			package com.example;

			import dev.tomcorn.Worker;
			import org.springframework.boot.SpringApplication;
			import org.springframework.boot.autoconfigure.SpringBootApplication;

			@SpringBootApplication
			public class Shop {

				Shop(Worker worker) {
				}

				public static void main(String[] arguments) {
					SpringApplication.run(Shop.class, arguments);
				}

			}
			""";

	@TempDir
	private Path directory;

	@Test
	void applicationIsBuiltWithWhatTheReadmeInstalls() throws Exception {
		MarkdownPage readme = MarkdownPage.read(Documentation.README);
		Path clone = this.directory.resolve("clone");
		MavenBuild.copySources(Documentation.ROOT, clone);
		MavenBuild build = new MavenBuild(this.directory.resolve("repository"), this.directory.resolve("build.log"),
				PATIENCE);
		build.run(clone,
				only(DocumentedCommand.of(readme)
					.stream()
					.filter((command) -> command.oneLine().endsWith(" install"))
					.map(DocumentedCommand::text)),
				Map.of());
		Path application = Files.createDirectories(this.directory.resolve("shop"));
		Files.writeString(application.resolve("pom.xml"), pom(readme));
		Path source = application.resolve("src/main/java/com/example/Shop.java");
		Files.createDirectories(source.getParent());
		Files.writeString(source, APPLICATION);
		build.run(application, clone.resolve("mvnw") + " compile", Map.of());
		assertThat(application.resolve("target/classes/com/example/Shop.class")).exists();
	}

	/**
	 * Return the project file of an application with the README's dependency. It uses the
	 * plugins of this build.
	 */
	private static String pom(MarkdownPage readme) throws IOException {
		String dependency = only(readme.fences()
			.stream()
			.filter((fence) -> fence.language().equals("xml"))
			.map(MarkdownPage.Fence::text)
			.filter((text) -> text.startsWith("<dependency>")));
		String parent = Files.readString(Documentation.ROOT.resolve("pom.xml"));
		return """
				<project xmlns="http://maven.apache.org/POM/4.0.0">
					<modelVersion>4.0.0</modelVersion>
					<groupId>com.example</groupId>
					<artifactId>shop</artifactId>
					<version>1</version>
					<properties>
						<maven.compiler.release>25</maven.compiler.release>
						<project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
					</properties>
					<dependencyManagement>
						<dependencies>
							<dependency>
								<groupId>org.springframework.boot</groupId>
								<artifactId>spring-boot-dependencies</artifactId>
								<version>%s</version>
								<type>pom</type>
								<scope>import</scope>
							</dependency>
						</dependencies>
					</dependencyManagement>
					<dependencies>
						%s
					</dependencies>
					<build>
						<plugins>%s%s%s</plugins>
					</build>
				</project>
				""".formatted(System.getProperty("spring-boot.version"), dependency,
				plugin(parent, "maven-resources-plugin"), plugin(parent, "maven-compiler-plugin"), toolchains(parent));
	}

	private static String plugin(String parent, String artifactId) {
		return "<plugin><artifactId>%s</artifactId><version>%s</version></plugin>".formatted(artifactId,
				between(parent, "<artifactId>" + artifactId + "</artifactId>\\s*<version>", "</"));
	}

	/**
	 * The default JDK may be an older one, as in this build.
	 */
	private static String toolchains(String parent) {
		return """
				<plugin>
					<groupId>org.apache.maven.plugins</groupId>
					<artifactId>maven-toolchains-plugin</artifactId>
					<version>%s</version>
					<executions>%s</executions>
				</plugin>
				""".formatted(between(parent, "<maven-toolchains-plugin.version>", "</"),
				between(parent, "<artifactId>maven-toolchains-plugin</artifactId>.*?<executions>", "</executions>"));
	}

	private static String between(String text, String from, String to) {
		return only(Pattern.compile(from + "(.*?)" + to, Pattern.DOTALL)
			.matcher(text)
			.results()
			.map((match) -> match.group(1)));
	}

	private static <T> T only(Stream<T> elements) {
		List<T> found = elements.toList();
		assertThat(found).hasSize(1);
		return found.getFirst();
	}

}
