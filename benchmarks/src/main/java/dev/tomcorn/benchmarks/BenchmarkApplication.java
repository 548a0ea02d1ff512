package dev.tomcorn.benchmarks;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The measured application, equal to {@code flask/app.py}. It uses nothing of Tomcorn, so
 * that it also runs without it.
 */
@SpringBootApplication
@RestController
public class BenchmarkApplication {

	public static void main(String[] args) {
		SpringApplication.run(BenchmarkApplication.class, args);
	}

	@GetMapping(path = "/hello", produces = "text/plain")
	String hello() {
		return "Hello, world!\n";
	}

	@GetMapping(path = "/io", produces = "text/plain")
	String io(@RequestParam int ms) throws InterruptedException {
		Thread.sleep(ms);
		return "Waited " + ms + " ms\n";
	}

	@GetMapping(path = "/cpu", produces = "text/plain")
	String cpu(@RequestParam int n) {
		return sumOfPrimesBelow(n) + "\n";
	}

	private static long sumOfPrimesBelow(int n) {
		long sum = 0;
		for (int candidate = 2; candidate < n; candidate++) {
			if (isPrime(candidate)) {
				sum += candidate;
			}
		}
		return sum;
	}

	private static boolean isPrime(int candidate) {
		for (int divisor = 2; divisor * divisor <= candidate; divisor++) {
			if (candidate % divisor == 0) {
				return false;
			}
		}
		return true;
	}

}
