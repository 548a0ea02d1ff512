package dev.tomcorn;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.status.WorkerDescriptor;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.autoconfigure.AutoConfiguration;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Enforces the package table of CONTRIBUTING.md.
 */
@Execution(ExecutionMode.CONCURRENT)
class ArchitectureTests {

	private static final String ROOT = "dev.tomcorn";

	private static final String CORE = "dev.tomcorn.core..";

	static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("dev.tomcorn");

	/**
	 * Each package with the packages of Tomcorn that it may import; {@code core..} means
	 * core and its packages.
	 */
	private static final Map<String, List<String>> TABLE = Map.ofEntries(entry("core", List.of("core..")),
			entry("core.arbiter", List.of()), entry("core.control", List.of("core.arbiter")),
			entry("core.foreign", List.of()), entry("core.incident", List.of("core.arbiter")),
			entry("core.listener", List.of("core.foreign")),
			entry("core.problem", List.of("core.arbiter", "core.scoreboard")),
			entry("core.process", List.of("core.arbiter", "core.foreign")),
			entry("core.release", List.of("core.arbiter", "core.process")),
			entry("core.scoreboard", List.of("core.foreign")),
			entry("core.shell",
					List.of("core.arbiter", "core.control", "core.problem", "core.process", "core.scoreboard",
							"core.status")),
			entry("core.status", List.of("core.arbiter", "core.problem", "core.process", "core.scoreboard")),
			entry("core.systemd", List.of("core.arbiter", "core.listener")), entry("", List.of()),
			entry("request", List.of("core..")), entry("worker", List.of("", "core..", "request")),
			entry("random", List.of("core.scoreboard", "worker")), entry("logs", List.of("core.arbiter")),
			entry("warnings", List.of("core.scoreboard", "worker", "logs", "random")),
			entry("settings", List.of("core..", "request", "worker", "warnings")),
			entry("leader", List.of("", "core.scoreboard", "worker", "settings", "random")),
			entry("launch", List.of("core..", "worker", "settings", "logs", "random")),
			entry("tomcat", List.of("", "core..", "request", "worker", "settings", "launch")),
			entry("entry", List.of("launch")), entry("peer", List.of("core.arbiter", "core.scoreboard", "worker")),
			entry("actuate", List.of("", "core..", "request", "worker", "launch", "tomcat", "peer")),
			entry("metrics", List.of("", "core..", "request", "worker", "settings", "peer")),
			entry("registry", List.of("", "core.scoreboard", "worker", "actuate")));

	static Stream<Arguments> packageImportsNoOtherThanTheTableSays() {
		return TABLE.entrySet().stream().map((line) -> arguments(line.getKey(), line.getValue()));
	}

	@ParameterizedTest
	@MethodSource
	void packageImportsNoOtherThanTheTableSays(String name, List<String> others) {
		String[] allowed = Stream.concat(Stream.of(name), others.stream())
			.map(ArchitectureTests::qualified)
			.toArray(String[]::new);
		ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(qualified(name))
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage("dev.tomcorn..")
				.and(JavaClass.Predicates.resideOutsideOfPackages(allowed)))
			.check(CLASSES);
	}

	private static String qualified(String name) {
		return name.isEmpty() ? ROOT : ROOT + "." + name;
	}

	@Test
	void everyPackageIsInTheTable() {
		assertThat(CLASSES.stream().map(JavaClass::getPackageName).distinct())
			.containsExactlyInAnyOrderElementsOf(TABLE.keySet().stream().map(ArchitectureTests::qualified).toList());
	}

	@Test
	void noCircleIsBetweenPackages() {
		SlicesRuleDefinition.slices().assignedFrom(new SliceAssignment() {

			@Override
			public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
				return SliceIdentifier.of(javaClass.getPackageName());
			}

			@Override
			public String getDescription() {
				return "packages";
			}

		}).should().beFreeOfCycles().check(CLASSES);
	}

	@Test
	void noPackageIsInTwoModules() {
		assertThat(CLASSES.stream()
			.collect(Collectors.groupingBy(JavaClass::getPackageName,
					Collectors.mapping(ArchitectureTests::module, Collectors.toSet()))))
			.hasSizeGreaterThan(20)
			.allSatisfy((name, modules) -> assertThat(modules).as(name).hasSize(1));
	}

	/**
	 * Return the directory or the jar of a class.
	 */
	private static String module(JavaClass type) {
		String uri = type.getSource().orElseThrow().getUri().toString();
		return uri.substring(0, uri.length() - (type.getName() + ".class").length());
	}

	@Test
	void autoconfigureNeedsNeitherActuatorNorMicrometer() {
		ArchRuleDefinition.noClasses()
			.that(DescribedPredicate.describe("are in the module autoconfigure",
					(JavaClass type) -> module(type).contains("/autoconfigure/")))
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("org.springframework.boot.actuate..", "org.springframework.boot.health..",
					"org.springframework.boot.micrometer..", "io.micrometer..", "io.prometheus..")
			.check(CLASSES);
	}

	@Test
	void nothingImportsAnAutoConfiguration() {
		assertThat(CLASSES.stream()
			.filter(isAutoConfiguration())
			.flatMap((type) -> type.getDirectDependenciesToSelf().stream())
			.filter((dependency) -> !dependency.getOriginClass()
				.getPackageName()
				.equals(dependency.getTargetClass().getPackageName())))
			.isEmpty();
	}

	private static DescribedPredicate<JavaClass> isAutoConfiguration() {
		return DescribedPredicate.describe("are auto-configurations",
				(JavaClass type) -> type.isAnnotatedWith(AutoConfiguration.class)
						|| type.isAnnotatedWith(ManagementContextConfiguration.class));
	}

	/**
	 * Auto-configurations are referred to by name outside their package.
	 */
	@Test
	void autoConfigurationsThatAreNamedExist() {
		List<JavaClass> all = CLASSES.stream().filter((type) -> type.isAnnotatedWith(AutoConfiguration.class)).toList();
		assertThat(all).hasSizeGreaterThan(10);
		List<String> named = all.stream()
			.map((type) -> type.getAnnotationOfType(AutoConfiguration.class))
			.flatMap((order) -> Stream.concat(Stream.of(order.afterName()), Stream.of(order.beforeName())))
			.filter((name) -> name.startsWith(ROOT))
			.distinct()
			.toList();
		assertThat(named).isNotEmpty();
		assertThat(all).extracting(JavaClass::getName).containsAll(named);
	}

	/**
	 * Core and autoconfigure refer to these classes by name.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "dev.tomcorn.actuate.WorkersEndpoint", "dev.tomcorn.actuate.WorkersEndpointWebExtension",
			"dev.tomcorn.LeaderOnly", "dev.tomcorn.entry.TomcornCommand", "dev.tomcorn.tomcat.RequestValve" })
	void classesThatAreNamedExist(String name) {
		assertThat(CLASSES.contain(name)).isTrue();
	}

	/**
	 * Otherwise the compiler would compile an entry point together with its importers,
	 * and not for an older JVM.
	 */
	@Test
	void nothingImportsTheEntries() {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackage("dev.tomcorn.entry")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("dev.tomcorn.entry")
			.check(CLASSES);
	}

	@Test
	void nothingInCoreImportsItsComposition() {
		ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage("dev.tomcorn.core.*..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("dev.tomcorn.core")
			.check(CLASSES);
	}

	/**
	 * Only the slot decides whether a worker is silent, so that all processes agree.
	 */
	@Test
	void onlyWhatShowsTheAgeOfAHeartbeatReadsIt() {
		ArchRuleDefinition.noClasses()
			.that()
			.doNotBelongToAnyOf(WorkerSlot.class, WorkerDescriptor.class)
			.and()
			.haveNameNotMatching(
					"dev\\.tomcorn\\.(metrics\\.WorkerMetrics|core\\.shell\\.FleetText|core\\.problem\\.FactReader).*")
			.should()
			.callMethod(WorkerSlot.class, "heartbeatAge")
			.check(CLASSES);
	}

	@Test
	void coreIsPlainJava() {
		ArchRuleDefinition.classes()
			.that()
			.resideInAPackage(CORE)
			.should()
			.onlyDependOnClassesThat(DescribedPredicate.describe("are of the JDK, jspecify or core itself",
					(JavaClass type) -> Stream
						.of("java.", "jdk.jfr.", "com.sun.management.", "org.jspecify.", "dev.tomcorn.core")
						.anyMatch(type.getName()::startsWith) || type.getName().startsWith("sun.misc.Signal")
							|| type.isPrimitive() || type.isArray()))
			.check(CLASSES);
	}

	@Test
	void everyPackageIsNullMarked() {
		assertThat(CLASSES.stream().map(JavaClass::getPackage).distinct())
			.allSatisfy((type) -> assertThat(type.isAnnotatedWith(NullMarked.class)).as(type.getName()).isTrue());
	}

}
