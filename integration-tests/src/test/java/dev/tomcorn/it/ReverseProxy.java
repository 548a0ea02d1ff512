package dev.tomcorn.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A running reverse proxy in the foreground, on a port of this machine only, with the
 * configuration of the documentation.
 *
 * @param name its name in tests
 * @param process its first process
 * @param port its port
 * @param log its output
 * @param fault a line that it writes when the application has not answered a request,
 * also if it has repeated the request
 */
record ReverseProxy(String name, Process process, int port, Path log, Pattern fault) {

	static final Path NGINX = Path.of("/usr/sbin/nginx");

	static final Path HAPROXY = Path.of("/usr/sbin/haproxy");

	private static final Pattern NGINX_FAULT = Pattern.compile("(?m)^.* \\[(?:error|crit|alert|emerg)] .*$");

	/**
	 * A status of its own, an end before the answer, a number of retries, or a fleet that
	 * seems to be down.
	 */
	private static final Pattern HAPROXY_FAULT = Pattern.compile(
			"(?m)^.*/fleet \\S+ (?:50[234] .*|.* [SsPR][CQH]-- .*|.* (?:\\d+/){4}\\+?[1-9]\\d* .*)$|^.*/fleet is DOWN.*$");

	private static final Path DEPLOY = Path.of("../docs/deploy").toAbsolutePath().normalize();

	private static final Duration END_PATIENCE = Duration.ofSeconds(10);

	/**
	 * Below the ports that the system gives to others meanwhile.
	 */
	private static final int FIRST_PORT = 12_000;

	private static final int PORTS = 16_000;

	private static final int TAIL = 20;

	/**
	 * The content of Debian's {@code nginx.conf} around the configuration of the
	 * documentation, with files of its own.
	 */
	private static final String NGINX_CONF = """
			daemon off;
			user root;
			worker_processes 2;
			pid DIRECTORY/nginx.pid;
			error_log stderr info;
			events {
				worker_connections 1024;
			}
			http {
				access_log DIRECTORY/access.log;
				client_body_temp_path DIRECTORY/body;
				proxy_temp_path DIRECTORY/proxy;
				fastcgi_temp_path DIRECTORY/fastcgi;
				uwsgi_temp_path DIRECTORY/uwsgi;
				scgi_temp_path DIRECTORY/scgi;
				include DIRECTORY/tomcorn.conf;
			}
			""";

	private static final String HAPROXY_GLOBAL = """
			global
			    log stdout format raw local0
			    nbthread 2
			""";

	/**
	 * Start nginx.
	 * @param application where the application listens, in the form of
	 * {@code tomcorn.bind}
	 * @param directory for its files
	 * @param log takes its output
	 */
	static ReverseProxy nginx(String application, Path directory, Path log) throws IOException {
		int port = freePort();
		Files.writeString(directory.resolve("tomcorn.conf"),
				nginxConfiguration(application).with("listen 80;", "listen 127.0.0.1:%d;".formatted(port)).text());
		Path configuration = Files.writeString(directory.resolve("nginx.conf"),
				NGINX_CONF.replace("DIRECTORY", directory.toString()));
		return start(name("nginx", application), port, log, NGINX_FAULT, NGINX.toString(), "-p", directory.toString(),
				"-c", configuration.toString(), "-e", "stderr");
	}

	private static Configuration nginxConfiguration(String application) throws IOException {
		Configuration documented = Configuration.of("nginx/tomcorn.conf");
		String tcp = "    server 127.0.0.1:8080;\n";
		String unix = "    # server unix:/run/app/app.sock;\n";
		String server = "    server %s;\n".formatted(application);
		return application.startsWith("unix:") ? documented.with(tcp, "").with(unix, server)
				: documented.with(tcp, server);
	}

	/**
	 * Start HAProxy.
	 * @param application where the application listens, in the form of
	 * {@code tomcorn.bind}
	 * @param managementPort its management port
	 * @param directory for its files
	 * @param log takes its output
	 */
	static ReverseProxy haproxy(String application, int managementPort, Path directory, Path log) throws IOException {
		int port = freePort();
		String server = application.replaceFirst("^unix:", "unix@");
		Path global = Files.writeString(directory.resolve("global.cfg"), HAPROXY_GLOBAL);
		Path configuration = Files.writeString(directory.resolve("tomcorn.cfg"),
				Configuration.of("haproxy/tomcorn.cfg")
					.with("bind :80\n", "bind 127.0.0.1:%d\n".formatted(port))
					.with("server fleet 127.0.0.1:8080 check", "server fleet %s check".formatted(server))
					.with("server fleet 127.0.0.1:8080 track", "server fleet %s track".formatted(server))
					.with("port 8081", "port %d".formatted(managementPort))
					.text());
		return start(name("HAProxy", application), port, log, HAPROXY_FAULT, HAPROXY.toString(), "-db", "-f",
				global.toString(), "-f", configuration.toString());
	}

	private static String name(String program, String application) {
		return program + (application.startsWith("unix:") ? " on a Unix socket" : " on TCP");
	}

	private static ReverseProxy start(String name, int port, Path log, Pattern fault, String... command)
			throws IOException {
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		return new ReverseProxy(name, process, port, log, fault);
	}

	private static int freePort() {
		while (true) {
			int port = FIRST_PORT + ThreadLocalRandom.current().nextInt(PORTS);
			try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.ofLiteral("127.0.0.1"))) {
				return port;
			}
			catch (IOException ex) {
				// Used by another process
			}
		}
	}

	void awaitAnswer(String path) {
		await(this.name).atMost(DemoProcess.PATIENCE).until(() -> {
			assertThat(this.process.isAlive()).as(tail()).isTrue();
			try (HttpConnection connection = new HttpConnection(this.port, DemoProcess.PATIENCE)) {
				return connection.get(path).status() == 200;
			}
			catch (IOException ex) {
				return false;
			}
		});
	}

	String output() {
		try {
			return Files.readString(this.log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	List<String> faults() {
		return this.fault.matcher(output()).results().map(MatchResult::group).toList();
	}

	/**
	 * Return the last lines of output.
	 */
	String tail() {
		List<String> lines = output().lines().toList();
		return "%s%n%s".formatted(this.log,
				String.join(System.lineSeparator(), lines.subList(Math.max(0, lines.size() - TAIL), lines.size())));
	}

	void end() {
		List<ProcessHandle> all = new ArrayList<>(this.process.descendants().toList());
		this.process.destroy();
		try {
			if (!this.process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				this.process.destroyForcibly().waitFor();
			}
		}
		catch (InterruptedException ex) {
			this.process.destroyForcibly();
			Thread.currentThread().interrupt();
		}
		all.forEach(ProcessHandle::destroyForcibly);
	}

	/**
	 * A configuration of the documentation, in which only paths and ports change.
	 */
	private record Configuration(String text) {

		static Configuration of(String file) throws IOException {
			return new Configuration(Files.readString(DEPLOY.resolve(file)));
		}

		Configuration with(String documented, String own) {
			assertThat(this.text).contains(documented);
			return new Configuration(this.text.replace(documented, own));
		}

	}

}
