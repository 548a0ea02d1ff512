package dev.tomcorn.it;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;

import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key for the application, made for one test, and what makes a client trust it.
 *
 * @param store the application's key store
 * @param trust the clients' view of it
 */
record TlsKey(Path store, SSLContext trust) {

	private static final String PASSWORD = "password";

	static TlsKey generate(Path directory) {
		Path store = directory.resolve("key.p12");
		try {
			Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
					"-genkeypair", "-alias", "key", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
					"san=ip:127.0.0.1,dns:localhost", "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore",
					store.toString())
				.inheritIO()
				.start();
			assertThat(keytool.waitFor()).as("exit code of keytool").isZero();
			KeyStore keys = KeyStore.getInstance("PKCS12");
			try (InputStream in = Files.newInputStream(store)) {
				keys.load(in, PASSWORD.toCharArray());
			}
			KeyStore trusted = KeyStore.getInstance("PKCS12");
			trusted.load(null, null);
			trusted.setCertificateEntry("key", keys.getCertificate("key"));
			TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
			factory.init(trusted);
			SSLContext context = SSLContext.getInstance("TLS");
			context.init(null, factory.getTrustManagers(), null);
			return new TlsKey(store, context);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (GeneralSecurityException ex) {
			throw new IllegalStateException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	/**
	 * Return the arguments that make an application use the key.
	 */
	String[] arguments() {
		return new String[] { "--server.ssl.key-store=" + this.store, "--server.ssl.key-store-password=" + PASSWORD };
	}

}
