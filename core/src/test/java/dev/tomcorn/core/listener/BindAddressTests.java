package dev.tomcorn.core.listener;

import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link BindAddress}.
 */
class BindAddressTests {

	@ParameterizedTest
	@CsvSource({ "127.0.0.1:8080,127.0.0.1,8080", "localhost:0,localhost,0", "[::1]:8080,::1,8080", "[::]:80,::,80",
			"':8080','',8080", "'  app.example:65535 ',app.example,65535", "[fe80::1%eth0]:8080,fe80::1%eth0,8080" })
	void hostAndPort(String text, String host, int port) {
		assertThat(BindAddress.of(text)).isEqualTo(new BindAddress.Port(text.strip(), host, port));
	}

	@Test
	void unixSocketHasPathAndOptions() {
		assertThat(BindAddress.of("unix:/run/app.sock"))
			.isEqualTo(new BindAddress.Unix("unix:/run/app.sock", Path.of("/run/app.sock"), null, null, null));
		assertThat(BindAddress.of("unix:///run/app.sock")).extracting("path").isEqualTo(Path.of("/run/app.sock"));
		String text = "unix:/run/app.sock?mode=0640&owner=app&group=www-data";
		assertThat(BindAddress.of(text)).isEqualTo(new BindAddress.Unix(text, Path.of("/run/app.sock"),
				PosixFilePermissions.fromString("rw-r-----"), "app", "www-data"));
	}

	@Test
	void descriptorHasNumberOrName() {
		assertThat(BindAddress.of("fd://3")).isEqualTo(new BindAddress.Descriptor("fd://3", 3, ""));
		assertThat(BindAddress.of("fd://web.socket"))
			.isEqualTo(new BindAddress.Descriptor("fd://web.socket", -1, "web.socket"));
	}

	@Test
	void pathIsAtMostAsLongAsASocketCanHaveIt() {
		String longest = "/x" + "ä".repeat(52);
		assertThat(BindAddress.of("unix:" + longest)).extracting("path").isEqualTo(Path.of(longest));
		assertThatIllegalArgumentException().isThrownBy(() -> BindAddress.of("unix:" + longest + "x"))
			.withMessageContaining("at most 106 bytes")
			.withMessageContaining("this one has 107");
	}

	@ParameterizedTest
	@ValueSource(strings = { "8080", "localhost", "localhost:", "localhost:http", "::1:8080", "http://localhost:8080",
			"host:65536", "host:-1", "a b:80", "fd://", "fd://2", "fd://a/b", "unix:", "unix:app.sock", "unix:/run/",
			"unix:/a?mode=9", "unix:/a?mode=", "unix:/a?mode=rw", "unix:/a?user=x", "unix:/a?owner=", "unix:/a\0b" })
	void anythingElseIsRefused(String text) {
		assertThatIllegalArgumentException().isThrownBy(() -> BindAddress.of(text));
	}

}
