package dev.tomcorn.launch;

import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Recognizes a JVM that runs tests or benchmarks. They may start the application on a
 * thread of their own, by an executor or in a nested context.
 */
final class TestRun {

	/**
	 * Property that Boot's tests set in the environment of the application.
	 */
	static final String SPRING_BOOT_TEST = "org.springframework.boot.test.context.SpringBootTestContextBootstrapper";

	/**
	 * Packages of test frameworks and their launchers.
	 */
	private static final List<String> FRAMEWORKS = List.of("org.junit.", "junit.framework.", "junit.textui.",
			"org.testng.", "io.kotest.", "io.cucumber.", "cucumber.api.", "cucumber.runtime.", "org.spockframework.",
			"org.jboss.arquillian.", "org.scalatest.", "org.specs2.", "zio.test.", "org.jbehave.", "net.serenitybdd.",
			"com.intuit.karate.", "com.thoughtworks.gauge.", "org.spekframework.", "org.concordion.", "fitnesse.",
			"org.robotframework.", "clojure.test", "net.jqwik.", "org.springframework.boot.test.",
			"org.springframework.test.context.", "org.apache.maven.surefire.", "org.apache.maven.plugin.surefire.",
			"org.gradle.api.internal.tasks.testing.", "org.pitest.", "org.openjdk.jmh.");

	/**
	 * Main classes of test runners, besides those of the frameworks.
	 */
	private static final List<String> RUNNERS = List.of("worker.org.gradle.process.internal.worker.GradleWorkerMain",
			"com.intellij.rt.junit", "com.intellij.rt.testng.", "com.intellij.rt.execution.junit",
			"com.intellij.rt.execution.testng", "com.intellij.rt.execution.testFrameworks",
			"com.intellij.rt.testFramework", "com.intellij.rt.execution.cucumber", "org.jetbrains.plugins.cucumber.",
			"org.jetbrains.plugins.scala.testingSupport.", "org.jetbrains.bsp.", "org.eclipse.jdt.internal.junit",
			"com.microsoft.java.test.", "sbt.ForkMain", "sbt.ForkTestMain", "mill.testrunner.", "bloop.testing.",
			"com.google.testing.", "io.bazel.rulesscala.scala_test.", "io.bazel.rules_scala.",
			"org.apache.tools.ant.taskdefs.optional.junit", "org.apache.tools.ant.taskdefs.optional.testing",
			"com.facebook.buck.testrunner.", "com.facebook.buck.jvm.java.runner.");

	/**
	 * Main class that IntelliJ IDEA uses for a long class path. It starts the main class
	 * in its arguments.
	 */
	private static final String CLASS_PATH_WRAPPER = "com.intellij.rt.execution.CommandLineWrapper";

	private static final Pattern JARS = Pattern
		.compile("(?:.*[/\\\\])?(?:surefirebooter|junit-platform-console)[^/\\\\]*\\.jar");

	private static final List<String> PROPERTIES = List.of("surefire.test.class.path", "surefire.real.class.path",
			"surefire.junit4.upgradecheck", "org.gradle.test.worker", "bazel.test_suite");

	private TestRun() {
	}

	/**
	 * Return the evidence that tests run in a JVM.
	 * @return a class, a jar or a property, or {@code null} if there is none
	 */
	static @Nullable String evidence(RunningJvm jvm) {
		for (String property : PROPERTIES) {
			if (jvm.properties().containsKey(property)) {
				return property;
			}
		}
		String main = jvm.main();
		if (JARS.matcher(main).matches() || isRunner(main)) {
			return main;
		}
		if (main.equals(CLASS_PATH_WRAPPER)) {
			String wrapped = jvm.words().stream().filter(TestRun::isRunner).findFirst().orElse(null);
			if (wrapped != null) {
				return wrapped;
			}
		}
		return jvm.classesOnStacks().stream().filter((name) -> startsWith(FRAMEWORKS, name)).findFirst().orElse(null);
	}

	private static boolean isRunner(String main) {
		String name = main.substring(main.indexOf('/') + 1);
		return startsWith(FRAMEWORKS, name) || startsWith(RUNNERS, name);
	}

	private static boolean startsWith(List<String> prefixes, String name) {
		return prefixes.stream().anyMatch(name::startsWith);
	}

}
