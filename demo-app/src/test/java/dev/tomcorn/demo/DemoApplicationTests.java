package dev.tomcorn.demo;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest
@AutoConfigureMockMvc
class DemoApplicationTests {

	@Autowired
	private MockMvcTester mvc;

	@Autowired
	private FireEndpoint fire;

	@Test
	void helloIsPlainText() {
		assertThat(this.mvc.get().uri("/hello")).hasStatusOk()
			.hasContentTypeCompatibleWith(MediaType.TEXT_PLAIN)
			.hasBodyTextEqualTo("Hello, world!\n");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/whoami", "/io?ms=1", "/cpu?n=100", "/db" })
	void everyReplySaysWhoServedIt(String uri) {
		assertThat(this.mvc.get().uri(uri)).hasStatusOk().bodyJson().isLenientlyEqualTo("""
				{ "worker": 0, "pid": %d, "workerClass": "gevent", "thread": "%s", "virtual": false }
				""".formatted(ProcessHandle.current().pid(), Thread.currentThread().getName()));
	}

	@ParameterizedTest
	@CsvSource({ "0,0", "2,0", "3,2", "10,17", "20000,21171191" })
	void cpuAddsUpThePrimesBelowN(int n, long sum) {
		assertThat(this.mvc.get().uri("/cpu?n={n}", n)).bodyJson()
			.extractingPath("$.sumOfPrimes")
			.convertTo(Long.class)
			.isEqualTo(sum);
	}

	@Test
	void ioWaitsAsLongAsAsked() {
		long start = System.nanoTime();
		assertThat(this.mvc.get().uri("/io?ms=30")).bodyJson().extractingPath("$.ms").isEqualTo(30);
		assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
	}

	@Test
	void dbReadsTheSeededTable() {
		assertThat(this.mvc.get().uri("/db?id=3")).bodyJson()
			.extractingPath("$.proverb")
			.isEqualTo("Great oaks from little acorns grow.");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			/io?ms=-1       | 'ms' must be between 0 and 60000
			/io?ms=60001    | 'ms' must be between 0 and 60000
			/io?ms=soon     | Failed to convert 'ms' with value: 'soon'
			/cpu?n=-1       | 'n' must be between 0 and 10000000
			/cpu?n=10000001 | 'n' must be between 0 and 10000000
			/cpu?n=1e3      | Failed to convert 'n' with value: '1e3'
			/db?id=0        | 'id' must be between 1 and 5
			""", quoteCharacter = '"')
	void badParameterGetsAReason(String uri, String reason) {
		assertThat(this.mvc.get().uri(uri)).hasStatus(HttpStatus.BAD_REQUEST)
			.hasContentType(MediaType.APPLICATION_PROBLEM_JSON)
			.bodyJson()
			.extractingPath("$.detail")
			.isEqualTo(reason);
	}

	@Test
	void visitorsAreLedToThePageThatFiresRequests() {
		assertThat(this.mvc.get().uri("/")).hasStatus(HttpStatus.FOUND)
			.hasHeader("Location", "http://localhost/actuator/fire");
	}

	@ParameterizedTest
	@CsvSource({ "0, 100", "201, 100", "100, -1", "100, 2001" })
	void firesNoMoreThanIsGoodForTheMachine(int count, int ms) throws InterruptedException {
		WebEndpointResponse<?> response = this.fire.fire(count, ms);
		assertThat(response.getStatus()).isEqualTo(WebEndpointResponse.STATUS_BAD_REQUEST);
		assertThat(response.getBody())
			.isEqualTo(Map.of("message", "'count' must be between 1 and 200, 'ms' between 0 and 2000"));
	}

	@Test
	void testStartsNoWorkerProcess() {
		assertThat(ProcessHandle.current().children()).isEmpty();
	}

}
