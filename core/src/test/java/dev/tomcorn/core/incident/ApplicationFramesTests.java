package dev.tomcorn.core.incident;

import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ApplicationFramesTests {

	private static final StackTraceElement[] STACK = stack("java.lang.Thread", "sleep", "org.postgresql.core.Stream",
			"receive", "org.hibernate.Loader", "load", "com.example.shop.Orders", "list",
			"com.example.shop.Orders$$SpringCGLIB$$0", "list", "com.example.audit.Audit", "around",
			"com.example.shop.OrderController", "orders", "org.springframework.web.Servlet", "service",
			"org.apache.catalina.Valve", "invoke", "dev.tomcorn.tomcat.RequestValve", "invoke", "java.lang.Thread",
			"run");

	private static StackTraceElement[] stack(String... names) {
		StackTraceElement[] stack = new StackTraceElement[names.length / 2];
		Arrays.setAll(stack, (at) -> {
			String file = names[2 * at].replaceAll(".*\\.|\\$.*", "") + ".java";
			return new StackTraceElement(names[2 * at], names[2 * at + 1], file, at + 1);
		});
		return stack;
	}

	@Test
	void framesOfTheApplicationsPackagesComeFirst() {
		assertThat(new ApplicationFrames(List.of("com.example.shop")).first(STACK, 3))
			.containsExactly("Orders.list(Orders.java:4)", "OrderController.orders(OrderController.java:7)");
	}

	@Test
	void withoutPackagesLibrariesAreLeftOut() {
		assertThat(new ApplicationFrames(List.of()).first(STACK, 2)).containsExactly("Orders.list(Orders.java:4)",
				"Audit.around(Audit.java:6)");
	}

	@Test
	void applicationMayBeInThePackageOfALibrary() {
		StackTraceElement[] stack = stack("org.springframework.samples.Pets", "list", "org.springframework.web.Servlet",
				"service");
		assertThat(new ApplicationFrames(List.of("org.springframework.samples")).first(stack, 3))
			.containsExactly("Pets.list(Pets.java:1)");
	}

	@Test
	void whereNothingIsTheApplicationsTheFirstFrameThatIsNotTheJdksIsTaken() {
		assertThat(new ApplicationFrames(List.of("com.example.shop"))
			.first(stack("java.lang.Thread", "park", "org.apache.coyote.Input", "fill", "org.apache.X", "y"), 3))
			.containsExactly("Input.fill(Input.java:2)");
		assertThat(new ApplicationFrames(List.of()).first(stack("java.lang.Thread", "park"), 3)).isEmpty();
	}

	@Test
	void placeIsTheFileAndLineOrElseTheMethod() {
		assertThat(ApplicationFrames.at(List.of("Orders.list(Orders.java:4)", "x"))).isEqualTo(" at Orders.java:4");
		assertThat(ApplicationFrames.at(List.of("Orders.list"))).isEqualTo(" at Orders.list");
		assertThat(ApplicationFrames.at(List.of())).isEmpty();
	}

	@Test
	void packageOfTheMainClassIsTheApplications() {
		assertThat(ApplicationFrames.ofMainClass("com.example.shop.Shop").first(STACK, 1))
			.containsExactly("Orders.list(Orders.java:4)");
		assertThat(ApplicationFrames.ofMainClass("org.springframework.boot.loader.launch.JarLauncher").first(STACK, 1))
			.containsExactly("Orders.list(Orders.java:4)");
		assertThat(ApplicationFrames.ofMainClass("Shop").first(STACK, 1)).containsExactly("Orders.list(Orders.java:4)");
	}

}
