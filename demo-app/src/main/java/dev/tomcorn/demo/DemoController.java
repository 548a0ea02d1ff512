package dev.tomcorn.demo;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.tomcorn.Worker;
import org.hibernate.validator.constraints.Range;

import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.UriComponentsBuilder;

/**
 * One endpoint for each kind of work.
 */
@RestController
class DemoController {

	private final Worker worker;

	private final JdbcClient jdbc;

	private final Environment environment;

	DemoController(Worker worker, JdbcClient jdbc, Environment environment) {
		this.worker = worker;
		this.jdbc = jdbc;
		this.environment = environment;
	}

	/**
	 * Redirect visitors to the page that shows how requests spread.
	 */
	@GetMapping("/")
	RedirectView index() {
		String port = this.environment.getProperty("local.management.port");
		UriComponentsBuilder page = ServletUriComponentsBuilder.fromCurrentContextPath();
		if (port != null) {
			page.port(port);
		}
		return new RedirectView(page.path("/actuator/fire").toUriString());
	}

	@GetMapping(path = "/hello", produces = "text/plain")
	String hello() {
		return "Hello, world!\n";
	}

	@GetMapping("/whoami")
	ServedBy whoami() {
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Wait, as for a slow service.
	 */
	@GetMapping("/io")
	Waited io(@RequestParam(defaultValue = "100") @Range(min = 0, max = 60_000,
			message = "'ms' must be between {min} and {max}") int ms) throws InterruptedException {
		long beganAt = System.currentTimeMillis();
		Thread.sleep(ms);
		return new Waited(ms, beganAt, whoami());
	}

	/**
	 * Compute.
	 */
	@GetMapping("/cpu")
	Computed cpu(@RequestParam(defaultValue = "20000") @Range(min = 0, max = 10_000_000,
			message = "'n' must be between {min} and {max}") int n) {
		return new Computed(n, Primes.sumBelow(n), whoami());
	}

	/**
	 * Query the database. The query blocks its thread for 20 ms, and the pool has ten
	 * connections, however many threads there are.
	 */
	@GetMapping("/db")
	Queried db(@RequestParam(defaultValue = "1") @Range(min = 1, max = 5,
			message = "'id' must be between {min} and {max}") int id) {
		String proverb = this.jdbc.sql("SELECT text FROM proverb WHERE id = :id AND pause(20) IS NULL")
			.param("id", id)
			.query(String.class)
			.single();
		return new Queried(proverb, whoami());
	}

	record Waited(int ms, long beganAt, @JsonUnwrapped ServedBy servedBy) {
	}

	record Computed(int n, long sumOfPrimes, @JsonUnwrapped ServedBy servedBy) {
	}

	record Queried(String proverb, @JsonUnwrapped ServedBy servedBy) {
	}

}
