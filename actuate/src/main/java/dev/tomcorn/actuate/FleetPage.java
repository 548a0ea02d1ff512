package dev.tomcorn.actuate;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.util.MimeType;

/**
 * The fleet page: one self-contained file, which gets JSON from the endpoint that served
 * it.
 */
final class FleetPage {

	private static final String FILE = "fleet.html";

	private static final MimeType HTML = new MimeType("text", "html", StandardCharsets.UTF_8);

	private static final String ACCESS = "<meta name=\"tomcorn-access\" content=\"%s\">";

	/**
	 * Allows only the page's own script and style. Forbids other hosts, frames around the
	 * page, and turning text into markup.
	 */
	private static final String POLICY = "default-src 'none'; script-src '%s'; style-src '%s'; img-src data:; connect-src 'self'; "
			+ "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

	private final byte[] content;

	private final String policy;

	/**
	 * Create the page.
	 * @param access whether the operations that change the fleet are open
	 */
	FleetPage(Access access) {
		String page = read().replace(ACCESS.formatted(Access.READ_ONLY), ACCESS.formatted(access));
		this.content = page.getBytes(StandardCharsets.UTF_8);
		this.policy = POLICY.formatted(hash(page, "script"), hash(page, "style"));
	}

	/**
	 * Return the page as a response that Actuator can also send with Jersey.
	 */
	WebEndpointResponse<byte[]> response() {
		return new WebEndpointResponse<>(this.content, HTML);
	}

	/**
	 * Return the page's headers except its type.
	 */
	Map<String, String> headers() {
		return Map.of("Cache-Control", "no-store", "Content-Security-Policy", this.policy, "X-Content-Type-Options",
				"nosniff", "Referrer-Policy", "no-referrer");
	}

	private static String read() {
		try (InputStream file = Objects.requireNonNull(FleetPage.class.getResourceAsStream(FILE), FILE)) {
			// A browser removes carriage returns before it hashes
			return new String(file.readAllBytes(), StandardCharsets.UTF_8).replace("\r\n", "\n");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String hash(String page, String element) {
		int start = page.indexOf("<" + element + ">") + element.length() + 2;
		byte[] text = page.substring(start, page.indexOf("</" + element + ">", start)).getBytes(StandardCharsets.UTF_8);
		try {
			return "sha256-" + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(text));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
