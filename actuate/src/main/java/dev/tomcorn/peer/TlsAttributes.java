package dev.tomcorn.peer;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import jakarta.servlet.http.HttpServletRequest;
import org.apache.tomcat.util.http.MimeHeaders;
import org.apache.tomcat.util.net.SSLSupport;
import org.jspecify.annotations.Nullable;

/**
 * The attributes of a request that describe the encryption of its connection and the
 * certificate of its client.
 */
final class TlsAttributes {

	private static final String PREFIX = "X-Tomcorn-Tls-";

	private static final String CERTIFICATES = PREFIX + "Certificates";

	private static final String SEPARATOR = ",";

	/**
	 * The attributes that are strings, or are parsed from them.
	 */
	private static final List<Attribute> ATTRIBUTES = List.of(
			new Attribute(PREFIX + "Protocol", SSLSupport.SECURE_PROTOCOL_KEY, (text) -> text),
			new Attribute(PREFIX + "Protocol-Version", "org.apache.tomcat.util.net.secure_protocol_version",
					(text) -> text),
			new Attribute(PREFIX + "Cipher-Suite", SSLSupport.CIPHER_SUITE_KEY, (text) -> text),
			new Attribute(PREFIX + "Key-Size", SSLSupport.KEY_SIZE_KEY, Integer::valueOf),
			new Attribute(PREFIX + "Session-Id", SSLSupport.SESSION_ID_KEY, (text) -> text),
			new Attribute(PREFIX + "Requested-Protocols", SSLSupport.REQUESTED_PROTOCOL_VERSIONS_KEY, (text) -> text),
			new Attribute(PREFIX + "Requested-Ciphers", SSLSupport.REQUESTED_CIPHERS_KEY, (text) -> text));

	private TlsAttributes() {
	}

	/**
	 * Return the headers that carry the attributes of a request.
	 */
	static List<Map.Entry<String, String>> headers(HttpServletRequest request) {
		List<Map.Entry<String, String>> headers = new ArrayList<>();
		if (request.getAttribute(SSLSupport.CERTIFICATE_KEY) instanceof X509Certificate[] certificates
				&& certificates.length > 0) {
			headers.add(Map.entry(CERTIFICATES, encode(certificates)));
		}
		for (Attribute attribute : ATTRIBUTES) {
			Object value = request.getAttribute(attribute.name());
			if (value != null) {
				headers.add(Map.entry(attribute.header(), value.toString()));
			}
		}
		return headers;
	}

	/**
	 * Set the attributes that a request's headers carry.
	 */
	static void restore(MimeHeaders headers, org.apache.coyote.Request request) {
		String certificates = OriginalClient.take(headers, CERTIFICATES);
		if (certificates != null) {
			request.setAttribute(SSLSupport.CERTIFICATE_KEY, decode(certificates));
		}
		for (Attribute attribute : ATTRIBUTES) {
			String text = OriginalClient.take(headers, attribute.header());
			if (text != null) {
				request.setAttribute(attribute.name(), attribute.value().apply(text));
			}
		}
	}

	private static String encode(X509Certificate[] certificates) {
		List<String> encoded = new ArrayList<>();
		try {
			for (X509Certificate certificate : certificates) {
				encoded.add(Base64.getEncoder().encodeToString(certificate.getEncoded()));
			}
		}
		catch (CertificateEncodingException ex) {
			throw new IllegalArgumentException("Not a certificate", ex);
		}
		return String.join(SEPARATOR, encoded);
	}

	private static X509Certificate[] decode(String text) {
		List<X509Certificate> certificates = new ArrayList<>();
		try {
			CertificateFactory factory = CertificateFactory.getInstance("X.509");
			for (String encoded : text.split(SEPARATOR)) {
				byte[] bytes = Base64.getDecoder().decode(encoded.getBytes(StandardCharsets.US_ASCII));
				certificates.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes)));
			}
		}
		catch (CertificateException ex) {
			throw new IllegalArgumentException("Not a certificate", ex);
		}
		return certificates.toArray(X509Certificate[]::new);
	}

	/**
	 * An attribute and the header that carries it.
	 *
	 * @param header name of the header
	 * @param name name of the attribute
	 * @param value reads the attribute's value
	 */
	private record Attribute(String header, String name, Function<String, @Nullable Object> value) {
	}

}
