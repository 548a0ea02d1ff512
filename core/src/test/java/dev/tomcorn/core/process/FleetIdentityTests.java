package dev.tomcorn.core.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class FleetIdentityTests {

	private static final Path DIRECTORY = Path.of("/srv/current");

	@ParameterizedTest
	@CsvSource({ "shop-1.2.3.jar, shop", "shop-1.3.0-SNAPSHOT.jar, shop", "shop.jar, shop", "shop-2.jar, shop",
			"shop-2-SNAPSHOT.jar, shop", "web-shop-v1.0.war, web-shop", "shop_1.2.jar, shop",
			"shop-1.0-20260101.120000-3.jar, shop", "shop-1.2.3+7-exec.JAR, shop", "s3-4-you-1.0.jar, s3-4-you",
			"shop2.jar, shop2", "1.2.3.jar, 1.2.3", "shop, shop", "tomcorn-demo-app.jar, tomcorn-demo-app" })
	void nameByTheJarIsThatOfEveryRelease(String file, String name) {
		assertThat(FleetIdentity.nameOf(Path.of("/srv/releases/1", file))).isEqualTo(name);
	}

	@Test
	void nameIsThatOfTheApplicationElseOfTheJarElseOfTheMainClass() {
		List<String> jar = List.of("-jar", "/srv/shop-1.2.jar");
		assertThat(FleetIdentity.of("web", jar, "com.example.Shop", DIRECTORY, 8080, 0))
			.isEqualTo(new FleetIdentity("web", true, "/srv/shop-1.2.jar", "com.example.Shop", 8080, 0));
		assertThat(FleetIdentity.of(" ", jar, null, DIRECTORY, 8080, 8081))
			.isEqualTo(new FleetIdentity("shop", false, "/srv/shop-1.2.jar", "", 8080, 8081));
		assertThat(FleetIdentity.of(null, List.of("-cp", "a:b", "com.example.Shop"), null, DIRECTORY, 8080, 0))
			.isEqualTo(new FleetIdentity("Shop", false, "", "com.example.Shop", 8080, 0));
		assertThat(FleetIdentity.of(null, List.of("-cp", "", "com.example.Launcher"), "com.example.Shop", DIRECTORY,
				8080, 0))
			.isEqualTo(new FleetIdentity("Shop", false, "", "com.example.Shop", 8080, 0));
	}

	@Test
	void jarIsAbsoluteAlsoWhereItIsTheOnlyEntryOfAClassPath(@TempDir Path directory) throws Exception {
		assertThat(Path.of(FleetIdentity.of(null, List.of("-jar", "a/shop.jar"), null, DIRECTORY, 1, 0).jar()))
			.isEqualTo(DIRECTORY.resolve("a/shop.jar"));
		Path jar = Files.createFile(directory.resolve("shop.jar"));
		assertThat(FleetIdentity.of(null, List.of("-cp", jar.toString(), "Launcher"), "Shop", DIRECTORY, 1, 0))
			.isEqualTo(new FleetIdentity("shop", false, jar.toString(), "Shop", 1, 0));
		assertThat(FleetIdentity.of(null, List.of("--class-path=" + jar, "Launcher"), "Shop", DIRECTORY, 1, 0))
			.isEqualTo(new FleetIdentity("shop", false, jar.toString(), "Shop", 1, 0));
	}

	@Test
	void classPathMayStandInAVariable() {
		assertThat(FleetIdentity.of(null, List.of("com.example.Shop"), null, DIRECTORY, 1, 0))
			.isEqualTo(new FleetIdentity("Shop", false, "", "com.example.Shop", 1, 0));
	}

	@Test
	void everybodyReadsWhatTheArbiterTells() {
		FleetIdentity identity = new FleetIdentity("größer \uD83D\uDED2", true, "/srv/shop.jar", "com.example.Shop",
				8080, 8081)
			.workerClass("gevent")
			.ignoresHup(true)
			.workerOptions(List.of("-Xmx300m", "-XX:+UseSerialGC"));
		assertThat(identity.workerOptions()).isEqualTo("-Xmx300m -XX:+UseSerialGC");
		byte[] bytes = identity.toBytes();
		assertThat(FleetIdentity.ofBytes(bytes)).isEqualTo(identity);
		byte[] more = Arrays.copyOf(bytes, bytes.length + 10);
		assertThat(FleetIdentity.ofBytes(more)).as("of a later version").isEqualTo(identity);
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 1, 3, 5, 10 })
	void whatCannotBeReadIsUnknown(int length) {
		byte[] bytes = new FleetIdentity("shop", true, "/srv/shop.jar", "Shop", 8080, 0).toBytes();
		assertThat(FleetIdentity.ofBytes(Arrays.copyOf(bytes, length))).isEqualTo(FleetIdentity.UNKNOWN);
		assertThat(FleetIdentity.ofBytes(new byte[] { -1, -1, -1 }).isKnown()).isFalse();
	}

	@Test
	void nameIsShortAndHasNoControlCharacters() {
		FleetIdentity identity = new FleetIdentity("\u001B[31mshop\n\u202E" + "x".repeat(5000), true,
				"y".repeat(20_000), "z".repeat(20_000), 1, 0);
		assertThat(identity.name()).startsWith("?[31mshop??x").hasSizeLessThan(300);
		assertThat(identity.toBytes()).hasSizeLessThan(16_000);
	}

}
