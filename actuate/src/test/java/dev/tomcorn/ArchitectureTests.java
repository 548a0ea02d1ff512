package dev.tomcorn;

import java.util.List;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import dev.tomcorn.actuate.WorkerDescriptor;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.metrics.WorkerMetrics;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Holds the package table of CONTRIBUTING.md.
 */
@Execution(ExecutionMode.CONCURRENT)
class ArchitectureTests {

	private static final String CORE = "dev.tomcorn.core..";

	static final JavaClasses CLASSES = new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests())
		.importPackages("dev.tomcorn");

	static Stream<Arguments> packageImportsNoOtherThanTheTableSays() {
		return Stream.of(arguments("core.arbiter", List.of()),
				arguments("core.process", List.of("dev.tomcorn.core.arbiter")), arguments("core.listener", List.of()),
				arguments("core.scoreboard", List.of()), arguments("core.control", List.of("dev.tomcorn.core.arbiter")),
				arguments("core.incident", List.of("dev.tomcorn.core.arbiter")),
				arguments("core.problem", List.of("dev.tomcorn.core.arbiter", "dev.tomcorn.core.scoreboard")),
				arguments("core.release", List.of("dev.tomcorn.core.arbiter", "dev.tomcorn.core.process")),
				arguments("core.signal", List.of("dev.tomcorn.core.arbiter")),
				arguments("core.systemd", List.of("dev.tomcorn.core.arbiter", "dev.tomcorn.core.listener")),
				arguments("worker", List.of(CORE)), arguments("tomcat", List.of(CORE, "dev.tomcorn.worker")),
				arguments("fleet", List.of(CORE, "dev.tomcorn.worker")),
				arguments("leader", List.of(CORE, "dev.tomcorn.worker")),
				arguments("lifecycle",
						List.of("dev.tomcorn.core.scoreboard", "dev.tomcorn.worker", "dev.tomcorn.leader",
								"dev.tomcorn.drawn")),
				arguments("actuate", List.of(CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet")),
				arguments("metrics", List.of(CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet")),
				arguments("launch", List.of(CORE)), arguments("command", List.of(CORE)),
				arguments("drawn", List.of("dev.tomcorn.worker", "dev.tomcorn.core.scoreboard")),
				arguments("warmup", List.of("dev.tomcorn.worker", "dev.tomcorn.tomcat")),
				arguments("entry", List.of("dev.tomcorn.command")),
				arguments("warnings",
						List.of("dev.tomcorn.worker", "dev.tomcorn.logs", "dev.tomcorn.core.scoreboard",
								"dev.tomcorn.drawn")),
				arguments("logs", List.of("dev.tomcorn.core.arbiter")),
				arguments("registry",
						List.of("dev.tomcorn.worker", "dev.tomcorn.core.scoreboard", "dev.tomcorn.management")),
				arguments("management", List.of(CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet")));
	}

	@ParameterizedTest
	@MethodSource
	void packageImportsNoOtherThanTheTableSays(String name, List<String> others) {
		String self = "dev.tomcorn." + name;
		String[] allowed = Stream.concat(Stream.of(self), others.stream()).toArray(String[]::new);
		ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(self)
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage("dev.tomcorn..")
				.and(JavaClass.Predicates.resideOutsideOfPackages(allowed)))
			.check(CLASSES);
	}

	@Test
	void nothingImportsTheAutoConfiguration() {
		ArchRuleDefinition.noClasses()
			.that()
			.resideOutsideOfPackage("dev.tomcorn.autoconfigure")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("dev.tomcorn.autoconfigure")
			.check(CLASSES);
	}

	/**
	 * Else the compiler would compile an entry along with what imports it, and not for an
	 * older JVM.
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
	 * Whoever compares that time with one of its own disagrees with the others: whether a
	 * worker is silent is for its slot to say.
	 */
	@Test
	void onlyWhatShowsTheAgeOfAHeartbeatReadsIt() {
		ArchRuleDefinition.noClasses()
			.that()
			.doNotBelongToAnyOf(WorkerSlot.class, WorkerDescriptor.class, WorkerMetrics.class)
			.and()
			.haveNameNotMatching("dev\\.tomcorn\\.(command\\.Fleet(Reading|Text)|core\\.problem\\.FactReader).*")
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
