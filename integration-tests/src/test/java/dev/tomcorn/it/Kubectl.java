package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Assumptions;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The command {@code kubectl}, which builds overlays without a cluster. If it is missing
 * or too old, the tests that need it are skipped, unless the property
 * {@code kubectl.required} is set.
 */
final class Kubectl {

	/**
	 * The first version whose kustomize has components and current patches.
	 */
	private static final int MINOR = 27;

	private static final Pattern VERSION = Pattern.compile("\"minor\": \"(\\d+)");

	private Kubectl() {
	}

	/**
	 * Skip the test if there is no kubectl that is new enough.
	 */
	static void assumeInstalled() {
		int minor = minor();
		if (minor < MINOR) {
			String missing = "Overlays are not built: kubectl 1.%d or later is needed, and there is %s".formatted(MINOR,
					(minor < 0) ? "none" : "1." + minor);
			Figures.print("%s", missing);
			Assumptions.assumeTrue(Boolean.getBoolean("kubectl.required"), missing);
		}
	}

	private static int minor() {
		try {
			Matcher version = VERSION.matcher(run(List.of("kubectl", "version", "--client", "--output=json")));
			return version.find() ? Integer.parseInt(version.group(1)) : -1;
		}
		catch (UncheckedIOException ex) {
			return -1;
		}
	}

	/**
	 * Build an overlay, without a warning.
	 * @return the objects to apply
	 */
	static List<KubernetesManifest> kustomize(Path directory) {
		return KubernetesManifest.all(run(List.of("kubectl", "kustomize", directory.toString())));
	}

	private static String run(List<String> command) {
		try {
			Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
			return output;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
