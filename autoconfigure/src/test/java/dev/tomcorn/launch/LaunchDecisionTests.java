package dev.tomcorn.launch;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import dev.tomcorn.core.arbiter.Placement;
import dev.tomcorn.core.process.WorkerIdentity;
import dev.tomcorn.launch.Launch.Role;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.devtools.restart.classloader.RestartClassLoader;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.web.servlet.support.ServletContextApplicationContextInitializer;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.SpringProperties;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.io.DefaultResourceLoader;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.mock.web.MockServletContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link LaunchDecision}: the table of {@code docs/decisions/0028}, row by row.
 */
@Isolated("It sets properties of Spring")
class LaunchDecisionTests {

	private static final String DEBUGGER = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005";

	private static final String DEBUG_WORKER = "tomcorn.jvm-options=-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,"
			+ "address=127.0.0.1:{worker+5005}";

	private static final SupervisionSettings FOUR = new SupervisionSettings(4, null);

	private static final SupervisionSettings DEMANDED = new SupervisionSettings(1, true);

	private final SpringApplication application = new SpringApplication(LaunchDecisionTests.class);

	private final MockEnvironment environment = new MockEnvironment();

	private final TestedJvm jvm = new TestedJvm();

	private Launch decide(RunningJvm running, SupervisionSettings settings) {
		return new LaunchDecision(running, this.application, this.environment, () -> settings).decide();
	}

	private Launch decide(SupervisionSettings settings) {
		return decide(this.jvm.toJvm(), settings);
	}

	@AfterEach
	void restore() {
		SpringProperties.setProperty("spring.context.exit", null);
		SpringProperties.setProperty("spring.context.checkpoint", null);
	}

	private static void assertSilent(Launch launch) {
		assertThat(launch.role()).isEqualTo(Role.SOLO);
		assertThat(launch.message()).isEqualTo(LaunchMessage.NONE);
	}

	private static String assertTold(Launch launch) {
		assertThat(launch.role()).isEqualTo(Role.SOLO);
		assertThat(launch.message()).isInstanceOfSatisfying(LaunchMessage.Line.class,
				(line) -> assertThat(line.warning()).isTrue());
		return ((LaunchMessage.Line) launch.message()).text();
	}

	private static LaunchMessage.Refusal assertRefused(Launch launch) {
		assertThat(launch.role()).isEqualTo(Role.SOLO);
		assertThat(launch.message()).isInstanceOf(LaunchMessage.Refusal.class);
		return (LaunchMessage.Refusal) launch.message();
	}

	// Plain applications

	@Test
	void severalWorkersTakeAnArbiter() {
		Launch launch = decide(FOUR);
		assertThat(launch.role()).isEqualTo(Role.ARBITER);
		assertThat(launch.message()).isEqualTo(LaunchMessage.NONE);
	}

	@Test
	void oneWorkerTakesAnArbiterIfItIsDemanded() {
		assertThat(decide(DEMANDED).role()).isEqualTo(Role.ARBITER);
		assertSilent(decide(new SupervisionSettings(1, null)));
		assertThat(decide(new SupervisionSettings(1, null)).served()).isTrue();
	}

	@Test
	void workersWithoutAnArbiterAreTold() {
		assertThat(assertTold(decide(new SupervisionSettings(4, false)))).contains("tomcorn.arbiter.enabled is false")
			.contains("tomcorn.workers (4)");
	}

	@Test
	void invalidSettingIsPartOfTheDecision() {
		IllegalStateException failure = new IllegalStateException("tomcorn.workers is 'many'");
		Launch launch = new LaunchDecision(this.jvm.toJvm(), this.application, this.environment, () -> {
			throw failure;
		}).decide();
		assertThat(launch.message()).isEqualTo(new LaunchMessage.Failure(failure));
	}

	@Test
	void portThatIsNoNumberIsPartOfTheDecision() {
		this.environment.setProperty("server.port", "http");
		assertThat(decide(FOUR).message()).isInstanceOfSatisfying(LaunchMessage.Failure.class,
				(failure) -> assertThat(failure.cause()).isInstanceOf(BindException.class));
	}

	@ParameterizedTest
	@ValueSource(strings = { "${set.later}", "http" })
	void portThatCannotBeReadYetConcernsAnArbiterOnly(String port) {
		this.environment.setProperty("server.port", port);
		Launch launch = decide(new SupervisionSettings(1, null));
		assertSilent(launch);
		assertThat(launch.served()).isTrue();
		this.jvm.options(DEBUGGER).commandLine("java", DEBUGGER, "-jar", "shop.jar");
		assertTold(decide(FOUR));
		this.jvm.options();
		assertThat(decide(FOUR).message()).isInstanceOfSatisfying(LaunchMessage.Failure.class,
				(failure) -> assertThat(failure.cause()).hasMessageContaining("server.port"));
	}

	@Test
	void invalidSettingIsNothingToAnApplicationThatIsNotServed() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		assertSilent(new LaunchDecision(this.jvm.toJvm(), this.application, this.environment, () -> {
			throw new IllegalStateException();
		}).decide());
	}

	@Test
	void applicationThatLacksWhatReadsTheSettingsRuns() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		assertSilent(new LaunchDecision(this.jvm.toJvm(), this.application, this.environment, () -> {
			throw new NoClassDefFoundError();
		}).decide());
	}

	// Workers and what their applications start

	private static Map<String, String> identity(long arbiterPid) {
		return new WorkerIdentity(new Placement(2, 2, 3, 1), arbiterPid, Path.of("/run/x")).toEnvironment();
	}

	@Test
	void processThatTheArbiterHasSpawnedIsAWorkerWhateverElseItIs() {
		this.jvm.variables(identity(TestedJvm.PARENT_PID)).inheritsListener();
		this.jvm.options(DEBUGGER).classPath("target/test-classes").onStacks("org.junit.Test");
		Launch launch = decide(new SupervisionSettings(1, null));
		assertThat(launch.role()).isEqualTo(Role.WORKER);
		assertThat(launch.identity()).isNotNull();
	}

	@Test
	void workerWithoutItsArbiterIsAnOrphan() {
		this.jvm.variables(identity(1)).inheritsListener();
		assertThat(decide(FOUR).role()).isEqualTo(Role.ORPHAN);
	}

	@Test
	void childOfAWorkersApplicationIsAnOrdinaryApplication() {
		this.jvm.variables(identity(1));
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@Test
	void secondServerOfAWorkerIsRefusedIfItsPortCanBeOpenOnce() {
		this.jvm.variables(identity(TestedJvm.PARENT_PID));
		this.environment.setProperty("server.port", "9001");
		assertThat(assertRefused(decide(FOUR)).problem()).contains("second web application").contains("port 9001");
		this.environment.setProperty("spring.main.web-application-type", "reactive");
		assertThat(assertRefused(decide(FOUR)).action()).contains("server.port").contains(" 0");
	}

	@ParameterizedTest
	@CsvSource({ "server.port,0", "server.port,-1", "spring.main.web-application-type,none" })
	void secondApplicationOfAWorkerRunsIfItOpensNoPortOfItsOwn(String property, String value) {
		this.jvm.variables(identity(TestedJvm.PARENT_PID));
		this.environment.setProperty(property, value);
		assertSilent(decide(FOUR));
	}

	@Test
	void workerWhoseApplicationIsNoLongerServedIsRefused() {
		this.jvm.variables(identity(TestedJvm.PARENT_PID)).inheritsListener();
		this.environment.setProperty("spring.main.web-application-type", "reactive");
		assertThat(assertRefused(decide(FOUR)).problem()).contains("WebFlux");
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void nestedContextOfAWorkerIsNotTheWorker(boolean joined) {
		this.jvm.variables(identity(TestedJvm.PARENT_PID));
		if (!joined) {
			this.jvm.inheritsListener();
		}
		this.environment.getPropertySources().addLast(new MapPropertySource("bootstrap", Map.of()));
		assertSilent(decide(FOUR));
	}

	// Build steps, nested contexts, tests

	@Test
	void aheadOfTimeProcessingIsSilent() {
		this.environment.setProperty("spring.aot.processing", "true");
		assertSilent(decide(DEMANDED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "spring.context.exit", "spring.context.checkpoint" })
	void trainingRunIsSilent(String property) {
		SpringProperties.setProperty(property, "onRefresh");
		assertSilent(decide(DEMANDED));
	}

	@Test
	void contextOfSpringCloudIsSilent() {
		this.environment.getPropertySources().addLast(new MapPropertySource("bootstrap", Map.of()));
		assertSilent(decide(DEMANDED));
	}

	@Test
	void applicationOfSpringBootTestIsSilent() {
		this.environment.setProperty("org.springframework.boot.test.context.SpringBootTestContextBootstrapper", "true");
		assertSilent(decide(DEMANDED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/work/shop/target/surefire/surefirebooter-1.jar /work/shop/target/surefire 2026 x y",
			"org.apache.maven.surefire.booter.ForkedBooter a b",
			"worker.org.gradle.process.internal.worker.GradleWorkerMain",
			"com.intellij.rt.junit.JUnitStarter -ideVersion5 -junit5 app.Tests",
			"com.intellij.rt.testng.RemoteTestNGStarter -usedefaultlisteners",
			"com.intellij.rt.execution.CommandLineWrapper /tmp/idea_classpath com.intellij.rt.junit.JUnitStarter",
			"org.eclipse.jdt.internal.junit.runner.RemoteTestRunner -version 3",
			"org.eclipse.jdt.internal.junit5.runner.RemoteTestRunner", "com.microsoft.java.test.runner.Launcher testng",
			"org.junit.platform.console.ConsoleLauncher execute", "junit-platform-console-standalone-6.0.3.jar execute",
			"org.junit.runner.JUnitCore app.MainTest", "junit.textui.TestRunner app.MainTest",
			"org.testng.TestNG suite.xml", "io.kotest.engine.launcher.MainKt", "io.cucumber.core.cli.Main --glue app",
			"cucumber.api.cli.Main", "org.scalatest.tools.Runner -R .", "sbt.ForkMain 4242",
			"com.google.testing.junit.runner.BazelTestRunner",
			"org.apache.tools.ant.taskdefs.optional.junit.JUnitTestRunner app.MainTest",
			"org.apache.tools.ant.taskdefs.optional.junitlauncher.StandaloneLauncher",
			"org.openjdk.jmh.runner.ForkedMain 127.0.0.1 4000", "org.pitest.coverage.execute.CoverageMinion 4000",
			"app.tests/org.junit.platform.console.ConsoleLauncher" })
	void jvmThatATestRunnerHasStartedIsSilent(String command) {
		this.jvm.command(command);
		assertSilent(decide(DEMANDED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "surefire.test.class.path", "surefire.real.class.path", "org.gradle.test.worker" })
	void propertyOfATestRunnerIsSilent(String property) {
		this.jvm.property(property, "1");
		assertSilent(decide(DEMANDED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.junit.internal.runners.statements.InvokeMethod", "junit.framework.TestCase",
			"org.junit.platform.launcher.core.DefaultLauncher", "org.testng.internal.invokers.TestInvoker",
			"io.kotest.engine.TestEngine", "io.cucumber.core.runtime.Runtime",
			"org.spockframework.runtime.SpockExecution", "org.jboss.arquillian.junit.Arquillian",
			"org.springframework.boot.test.context.SpringBootContextLoader",
			"org.springframework.test.context.TestContextManager", "org.apache.maven.surefire.booter.ForkedBooter" })
	void frameOfATestFrameworkOnAnyThreadIsSilent(String className) {
		this.jvm.onStacks("com.example.Application", className);
		assertSilent(decide(DEMANDED));
	}

	@Test
	void thisTestIsOneOnWhateverThreadItLooks() throws Exception {
		Callable<Launch> decision = () -> decide(RunningJvm.current(), DEMANDED);
		assertSilent(decision.call());
		try (ExecutorService platform = Executors.newSingleThreadExecutor();
				ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
			assertSilent(platform.submit(decision).get());
			assertSilent(virtual.submit(decision).get());
		}
	}

	/**
	 * Only the stacks of other threads show the test here.
	 */
	@Test
	void testIsRecognizedByTheThreadThatWaitsForTheApplication() throws Exception {
		try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
			RunningJvm here = executor.submit(RunningJvm::current).get();
			RunningJvm same = new RunningJvm(Map.of(), Map.of(), here.options(), here.commandLine(),
					here.classesOnStacks(), here.modules(), here.contextClassLoader(), true, 1, false);
			assertThat(TestRun.evidence(same)).isNotNull();
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "com.example.Application", "shop.jar", "/srv/junit/shop.jar", "com.example.junit.Main",
			"com.intellij.rt.execution.CommandLineWrapper /tmp/x com.example.Application org.junitish",
			"com.intellij.rt.execution.application.AppMainV2 com.example.Application", "cucumber-shop.jar",
			"testng-results.jar", "karate-club.jar" })
	void applicationIsNoTest(String command) {
		this.jvm.command(command);
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	// Development

	@ParameterizedTest
	@ValueSource(strings = { "/work/shop/target/classes:/work/shop/target/test-classes:/m2/a.jar",
			"target/test-classes/", "/work/shop/build/classes/java/main:/work/shop/build/classes/java/test",
			"build/classes/kotlin/integrationTest", "/work/out/production/shop:/work/out/test/shop",
			"/work/shop/bin/main:/work/shop/bin/test" })
	void testClassesOnTheClassPathAreTold(String classPath) {
		this.jvm.command("com.example.TestApplication").classPath(classPath);
		assertThat(assertTold(decide(FOUR))).contains("one process instead of 4 workers")
			.contains("test classes are on the class path");
		assertTold(decide(DEMANDED));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/work/shop/target/classes:/m2/a.jar", "/work/shop/build/classes/java/main",
			"/srv/test/shop.jar", "/home/test/target/classes", "/work/my-test-classes/app.jar", "" })
	void classPathWithoutTestClassesIsNoDevelopment(String classPath) {
		this.jvm.command("com.example.Application").classPath(classPath);
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@Test
	void jarThatStandsForTheClassPathIsRead(@TempDir Path folder) throws Exception {
		Path jar = folder.resolve("classpath.jar");
		Manifest manifest = new Manifest();
		manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
		manifest.getMainAttributes()
			.put(Attributes.Name.CLASS_PATH, "file:/work/shop/target/classes/ file:/work/shop/target/test-classes/");
		try (OutputStream file = Files.newOutputStream(jar);
				JarOutputStream output = new JarOutputStream(file, manifest)) {
			output.flush();
		}
		this.jvm.command("com.example.Application").classPath(jar.toString());
		assertThat(assertTold(decide(FOUR))).contains("/work/shop/target/test-classes");
	}

	@Test
	void applicationThatIsStartedFromAnotherMainIsTold() {
		this.jvm.onStacks("org.springframework.boot.SpringApplication$Augmented");
		assertThat(assertTold(decide(FOUR))).contains("SpringApplication.from");
	}

	@Test
	void toolThatStopsTheApplicationOverJmxIsTold() {
		this.environment.setProperty("spring.application.admin.enabled", "true");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
		this.jvm.property("com.sun.management.jmxremote.port", "9001");
		assertThat(assertTold(decide(FOUR))).contains("spring-boot:start");
		assertTold(decide(DEMANDED));
		this.environment.setProperty("spring.application.admin.enabled", "false");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@ParameterizedTest
	@CsvSource({ "org.codehaus.plexus.classworlds.launcher.Launcher exec:java,Maven",
			"org.gradle.launcher.daemon.bootstrap.GradleDaemon 9,Gradle", "xsbt.boot.Boot run,sbt",
			"org.apache.tools.ant.launch.Launcher run,Ant",
			"jdk.jshell/jdk.internal.jshell.tool.JShellToolProvider,shell" })
	void toolThatRunsTheApplicationWithinItselfIsTold(String command, String tool) {
		this.jvm.command(command);
		assertThat(assertTold(decide(FOUR))).contains(tool);
	}

	// Debuggers and profilers

	@ParameterizedTest
	@ValueSource(strings = { DEBUGGER, "-Xrunjdwp:transport=dt_socket,server=y,address=5005",
			"-agentlib:jdwp=transport=dt_socket,server=n,address=127.0.0.1:40123,suspend=y",
			"-agentpath:/usr/lib/jvm/lib/libjdwp.so=transport=dt_socket,server=y" })
	void debuggerOfTheCommandLineIsToldAndHowToDebugAWorker(String option) {
		this.jvm.options("-Xmx1g", option).commandLine("java", "-Xmx1g", option, "-jar", "shop.jar");
		assertThat(assertTold(decide(FOUR))).contains("instead of 4 workers")
			.contains("debugger")
			.contains(DEBUG_WORKER);
		assertThat(assertTold(decide(DEMANDED))).contains("without an arbiter");
		assertSilent(decide(new SupervisionSettings(1, null)));
	}

	@Test
	void debuggerOfAnArgumentFileIsTyped() {
		this.jvm.options(DEBUGGER).commandLine("java", "@debug.args", "-jar", "shop.jar");
		assertTold(decide(FOUR));
	}

	@ParameterizedTest
	@ValueSource(strings = { "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS" })
	void debuggerOfAnEnvironmentVariableLeavesTheFleet(String variable) {
		this.jvm.options("-Xmx1g", DEBUGGER).variable(variable, "  -Xmx1g '" + DEBUGGER + "'");
		Launch launch = decide(FOUR);
		assertThat(launch.role()).isEqualTo(Role.ARBITER);
		assertThat(launch.message()).isInstanceOfSatisfying(LaunchMessage.Line.class, (line) -> {
			assertThat(line.warning()).isTrue();
			assertThat(line.text()).contains(variable).contains("arbiter only").contains(DEBUG_WORKER);
		});
	}

	@Test
	void debuggerOfAFileThatAVariableNamesLeavesTheFleet() {
		this.jvm.options(DEBUGGER).variable("JDK_JAVA_OPTIONS", "@/etc/java.args");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@Test
	void debuggerOfAFileThatAVariableNamesIsTheVariablesWhateverIsTyped(@TempDir Path folder) throws Exception {
		Path file = Files.writeString(folder.resolve("java.args"), DEBUGGER);
		this.jvm.options(DEBUGGER, "-XX:+UseZGC").variable("JDK_JAVA_OPTIONS", "@" + file);
		this.jvm.commandLine("java", "-XX:+UseZGC", "-jar", "shop.jar");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@Test
	void debuggerThatIsTypedAndInAVariableIsTyped() {
		this.jvm.options(DEBUGGER, DEBUGGER).variable("JAVA_TOOL_OPTIONS", DEBUGGER);
		this.jvm.commandLine("java", DEBUGGER, "-jar", "shop.jar");
		assertTold(decide(FOUR));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-agentpath:/tmp/idea/libasyncProfiler.so=version,jfr,event=wall,file=/tmp/a.jfr",
			"-agentpath:/opt/jprofiler/bin/linux-x64/libjprofilerti.so=port=8849",
			"-agentpath:/opt/yourkit/libyjpagent.so=disableall",
			"-agentpath:/opt/visualvm/libprofilerinterface.so=/opt,5140",
			"-javaagent:/opt/idea/plugins/java-coverage/lib/intellij-coverage-agent-1.0.jar=/tmp/args" })
	void profilerOfTheCommandLineIsTold(String option) {
		this.jvm.options(option).commandLine("java", option, "-jar", "shop.jar");
		assertThat(assertTold(decide(FOUR))).contains("profiler").contains("tomcorn.jvm-options");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-agentpath:/opt/libasyncProfiler.so=start,file=/tmp/a-%p.jfr",
			"-javaagent:/opt/idea/lib/idea_rt.jar=40123:/opt/idea/bin", "-javaagent:/opt/opentelemetry-javaagent.jar",
			"-agentpath:/opt/dynatrace/liboneagentloader.so=loglevel=none", "-Dname=-agentlib:jdwp", "-Xdebug",
			"-agentlib:jdwpish" })
	void otherOptionsLeaveTheFleet(String option) {
		this.jvm.options(option).commandLine("java", option, "-jar", "shop.jar");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
		assertThat(decide(FOUR).message()).isEqualTo(LaunchMessage.NONE);
	}

	// Applications that are not served

	private static void assertOrdinary(@Nullable Launch launch) {
		assertThat(launch).isNotNull();
		assertThat(launch.served()).isFalse();
		assertThat(launch.message()).isInstanceOfSatisfying(LaunchMessage.Line.class,
				(line) -> assertThat(line.warning()).isFalse());
	}

	@ParameterizedTest
	@CsvSource({ "spring.main.web-application-type,none", "server.port,-1" })
	void applicationWithoutAServerIsNoWarning(String property, String value) {
		this.environment.setProperty(property, value);
		assertOrdinary(decide(FOUR));
		assertOrdinary(decide(DEMANDED));
	}

	@Test
	void stepBeforeTheApplicationThatGetsWorkersTellsOfItselfOnly() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		assertThat(decide(FOUR).message())
			.isEqualTo(new LaunchMessage.Line(false, "tomcorn.workers (4) does not apply to this "
					+ "application, which runs in one process: it is not a web application"));
		assertThat(((LaunchMessage.Line) decide(DEMANDED).message()).text())
			.startsWith("tomcorn.arbiter.enabled does not");
	}

	@Test
	void applicationTypeSetInCodeCounts() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		assertOrdinary(decide(FOUR));
	}

	@Test
	void webFluxIsTold() {
		this.environment.setProperty("spring.main.web-application-type", "reactive");
		assertThat(assertTold(decide(FOUR))).contains("WebFlux");
		assertThat(assertRefused(decide(DEMANDED)).problem()).contains("tomcorn.arbiter.enabled").contains("WebFlux");
		assertSilent(decide(new SupervisionSettings(1, null)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "org.apache.catalina", "org.springframework.boot.tomcat" })
	void absenceOfTomcatIsTold(String lacking) {
		this.application.setResourceLoader(new DefaultResourceLoader(new FilteredClassLoader(lacking)));
		assertThat(assertTold(decide(FOUR))).contains("Tomcat").contains("spring-boot-starter-tomcat");
		assertRefused(decide(DEMANDED));
		assertThat(decide(FOUR).served()).isFalse();
	}

	@Test
	void childContextIsTold() {
		this.application
			.addInitializers(new ParentContextApplicationContextInitializer(new GenericApplicationContext()));
		assertThat(assertTold(decide(FOUR))).contains("parent");
		assertThat(assertRefused(decide(DEMANDED)).action()).contains("remove tomcorn.arbiter.enabled");
	}

	@Test
	void childContextWithoutAServerIsAPartOfAnother() {
		this.application.setWebApplicationType(WebApplicationType.NONE);
		this.application
			.addInitializers(new ParentContextApplicationContextInitializer(new GenericApplicationContext()));
		assertSilent(decide(FOUR));
	}

	@Test
	void applicationDeployedToAServletContainerIsTold() {
		this.application.addInitializers(new ServletContextApplicationContextInitializer(new MockServletContext()));
		assertThat(assertTold(decide(FOUR))).contains("servlet container");
		assertTold(decide(DEMANDED));
	}

	// Platforms

	@Test
	void otherOperatingSystemIsTold() {
		this.jvm.property("os.name", "Mac OS X");
		assertThat(assertTold(decide(FOUR))).contains("Linux").contains("Mac OS X");
		assertRefused(decide(DEMANDED));
	}

	@Test
	void nativeImageIsTold() {
		this.jvm.property("org.graalvm.nativeimage.imagecode", "runtime");
		assertThat(assertTold(decide(FOUR))).contains("native image");
	}

	@Test
	void devToolsRestarterIsTold() {
		this.jvm.contextClassLoader(RestartClassLoader.class.getName());
		assertThat(assertTold(decide(FOUR))).contains("DevTools");
		assertThat(assertRefused(decide(DEMANDED)).problem()).contains("DevTools");
	}

	@Test
	void runtimeWithoutAModuleIsToldByName() {
		this.jvm.modules("java.base", "java.management");
		assertThat(assertTold(decide(FOUR))).contains("lacks jdk.unsupported")
			.contains("--add-modules jdk.unsupported");
		assertRefused(decide(DEMANDED));
	}

	@Test
	void deniedNativeAccessIsToldUnlessItIsPermitted() {
		this.jvm.options("--illegal-native-access=deny");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
		this.jvm.withoutNativeAccess();
		assertThat(assertTold(decide(FOUR))).contains("--enable-native-access=ALL-UNNAMED");
		assertThat(assertRefused(decide(DEMANDED)).action()).contains("--enable-native-access=ALL-UNNAMED");
		this.jvm.options("--illegal-native-access=warn");
		assertThat(decide(FOUR).role()).isEqualTo(Role.ARBITER);
	}

	@Test
	void thisMachineHasNoObstacle() {
		assertThat(Platform.obstacle(RunningJvm.current())).isNull();
	}

}
