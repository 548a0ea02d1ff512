package dev.tomcorn;

import java.util.Arrays;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.jspecify.annotations.NullMarked;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Holds the package table of CONTRIBUTING.md.
 */
@AnalyzeClasses(packages = "dev.tomcorn", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTests {

	private static final String CORE = "dev.tomcorn.core..";

	@ArchTest
	final ArchRule arbiter = mayImport("core.arbiter");

	@ArchTest
	final ArchRule process = mayImport("core.process", "dev.tomcorn.core.arbiter");

	@ArchTest
	final ArchRule listener = mayImport("core.listener");

	@ArchTest
	final ArchRule scoreboard = mayImport("core.scoreboard");

	@ArchTest
	final ArchRule control = mayImport("core.control", "dev.tomcorn.core.arbiter");

	@ArchTest
	final ArchRule incident = mayImport("core.incident", "dev.tomcorn.core.arbiter");

	@ArchTest
	final ArchRule signal = mayImport("core.signal", "dev.tomcorn.core.arbiter");

	@ArchTest
	final ArchRule worker = mayImport("worker", CORE);

	@ArchTest
	final ArchRule tomcat = mayImport("tomcat", CORE, "dev.tomcorn.worker");

	@ArchTest
	final ArchRule fleet = mayImport("fleet", CORE, "dev.tomcorn.worker");

	@ArchTest
	final ArchRule leader = mayImport("leader", CORE, "dev.tomcorn.worker");

	@ArchTest
	final ArchRule actuate = mayImport("actuate", CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet");

	@ArchTest
	final ArchRule metrics = mayImport("metrics", CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet");

	@ArchTest
	final ArchRule command = mayImport("command", CORE);

	@ArchTest
	final ArchRule entry = mayImport("entry", "dev.tomcorn.command");

	@ArchTest
	final ArchRule management = mayImport("management", CORE, "dev.tomcorn.worker", "dev.tomcorn.fleet");

	@ArchTest
	final ArchRule nothingImportsTheAutoConfiguration = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage("dev.tomcorn.autoconfigure")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.tomcorn.autoconfigure");

	/**
	 * Else the compiler would compile an entry along with what imports it, and not for an
	 * older JVM.
	 */
	@ArchTest
	final ArchRule nothingImportsTheEntries = ArchRuleDefinition.noClasses()
		.that()
		.resideOutsideOfPackage("dev.tomcorn.entry")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.tomcorn.entry");

	@ArchTest
	final ArchRule nothingInCoreImportsItsComposition = ArchRuleDefinition.noClasses()
		.that()
		.resideInAPackage("dev.tomcorn.core.*..")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("dev.tomcorn.core");

	@ArchTest
	final ArchRule coreIsPlainJava = ArchRuleDefinition.classes()
		.that()
		.resideInAPackage(CORE)
		.should()
		.onlyDependOnClassesThat(DescribedPredicate.describe("are of the JDK, jspecify or core itself",
				(JavaClass type) -> Stream.of("java.", "org.jspecify.", "dev.tomcorn.core")
					.anyMatch(type.getName()::startsWith) || type.getName().startsWith("sun.misc.Signal")
						|| type.isPrimitive() || type.isArray()));

	@ArchTest
	void everyPackageIsNullMarked(JavaClasses classes) {
		assertThat(classes.stream().map(JavaClass::getPackage).distinct())
			.allSatisfy((type) -> assertThat(type.isAnnotatedWith(NullMarked.class)).as(type.getName()).isTrue());
	}

	private static ArchRule mayImport(String name, String... others) {
		String self = "dev.tomcorn." + name;
		String[] allowed = Stream.concat(Stream.of(self), Arrays.stream(others)).toArray(String[]::new);
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(self)
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage("dev.tomcorn..")
				.and(JavaClass.Predicates.resideOutsideOfPackages(allowed)));
	}

}
