package dev.tomcorn.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key made for one test, and a context that trusts it.
 *
 * @param keyStore file with the server's key
 * @param context trusts the key and no other
 */
record TestTls(Path keyStore, SSLContext context) {

	private static final String PASSWORD = "changeit";

	private static final String TYPE = "PKCS12";

	/**
	 * Make a key with the JDK's keytool.
	 */
	static TestTls create(Path directory) {
		Path file = directory.resolve("key.p12");
		List<String> command = List.of(Path.of(Launch.JAVA).resolveSibling("keytool").toString(), "-genkeypair",
				"-alias", "test", "-keyalg", "EC", "-groupname", "secp256r1", "-validity", "2", "-dname",
				"CN=127.0.0.1", "-ext", "SAN=IP:127.0.0.1", "-storetype", TYPE, "-storepass", PASSWORD, "-keystore",
				file.toString());
		try {
			Process keytool = new ProcessBuilder(command).redirectErrorStream(true).start();
			String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(keytool.waitFor()).as(output).isZero();
			KeyStore store = KeyStore.getInstance(TYPE);
			try (InputStream in = Files.newInputStream(file)) {
				store.load(in, PASSWORD.toCharArray());
			}
			KeyStore trust = KeyStore.getInstance(TYPE);
			trust.load(null, null);
			trust.setCertificateEntry("test", store.getCertificate("test"));
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init(trust);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, factory.getTrustManagers(), null);
			return new TestTls(file, context);
		}
		catch (IOException | GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the arguments that make the application use the key.
	 */
	String[] arguments() {
		return new String[] { "--server.ssl.key-store=" + this.keyStore, "--server.ssl.key-store-password=" + PASSWORD,
				"--server.ssl.key-store-type=" + TYPE };
	}

}
