package dev.tomcorn.actuate;

import java.time.Duration;
import java.util.List;

import dev.tomcorn.actuate.WorkersEndpointWebExtension.ActionDescriptor;
import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

import static org.assertj.core.api.Assertions.assertThat;

class WorkersEndpointWebExtensionTests {

	private final WorkerProcess process = WorkerProcess.solo(Duration.ZERO);

	private final RequestsInFlight requests = new RequestsInFlight();

	private final WorkerInsight insight = new WorkerInsight(
			new Peers(this.process.scoreboard(), this.process.slot(), null), this.requests);

	private final WorkersEndpointWebExtension extension = new WorkersEndpointWebExtension(this.process,
			new WorkersEndpoint(this.process, WorkerProcess.worker(this.process, "gevent", this.requests),
					this.insight),
			this.insight, Access.UNRESTRICTED);

	@Test
	void soloApplicationHasNobodyToSteerIt() throws InterruptedException {
		for (WebEndpointResponse<ActionDescriptor> response : List.of(this.extension.act("reload", null, null, null),
				this.extension.act("RELOAD", null, "true", null), this.extension.act("reload", null, "false", null),
				this.extension.act("scale", "4", null, null), this.extension.act("scale", "4", "true", null),
				this.extension.actOnWorker("0", "recycle", null, null),
				this.extension.actOnWorker("0", "recycle", null, "true"),
				this.extension.actOnWorker("0", "dump", null, null))) {
			assertThat(response.getStatus()).isEqualTo(409);
			assertThat(response.getBody())
				.isEqualTo(new ActionDescriptor("FAILED", "This application runs without an arbiter, in one process"));
		}
	}

	@ParameterizedTest
	@CsvSource(nullValues = "null", delimiter = '|', textBlock = """
			null   | null | null  | action must be reload, scale, pause or resume, and is missing
			''     | null | null  | action must be reload, scale, pause or resume, not ''
			recycle| null | null  | action must be reload, scale, pause or resume, not 'recycle'
			scale  | null | null  | workers must be a number from 1 to 128, and is missing
			scale  | 0    | null  | workers must be a number from 1 to 128, not '0'
			scale  | 129  | null  | workers must be a number from 1 to 128, not '129'
			scale  | 4.5  | null  | workers must be a number from 1 to 128, not '4.5'
			scale  | four | null  | workers must be a number from 1 to 128, not 'four'
			reload | null | maybe | wait must be true or false, not 'maybe'
			scale  | 4    | maybe | wait must be true or false, not 'maybe'
			""")
	void wrongParameterOfTheFleetIsNamedWithWhatIsAllowed(String action, String workers, String wait, String message)
			throws InterruptedException {
		assertInvalid(this.extension.act(action, workers, wait, null), message);
	}

	@Test
	void releaseIsNamedByItsKey() throws InterruptedException {
		assertInvalid(this.extension.act("reload", null, null, "latest"),
				"to must be the first digits of the key of a release, not 'latest'");
	}

	@ParameterizedTest
	@CsvSource(nullValues = "null", delimiter = '|', textBlock = """
			0   | null      | null  | action must be recycle, dump or interrupt, and is missing
			0   | reload    | null  | action must be recycle, dump or interrupt, not 'reload'
			two | recycle   | null  | index must be a number, not 'two'
			0   | interrupt | null  | request must be a number, and is missing
			0   | interrupt | first | request must be a number, not 'first'
			""")
	void wrongParameterOfAWorkerIsNamedWithWhatIsAllowed(String index, String action, String request, String message)
			throws InterruptedException {
		assertInvalid(this.extension.actOnWorker(index, action, request, null), message);
	}

	@Test
	void wrongWaitForAWorkerIsRefused() throws InterruptedException {
		assertInvalid(this.extension.actOnWorker("0", "recycle", null, "long"),
				"wait must be true or false, not 'long'");
	}

	@Test
	void requestThatIsNotThereCannotBeInterrupted() throws InterruptedException {
		assertThat(this.extension.actOnWorker("0", "interrupt", "17", null).getStatus()).isEqualTo(404);
		assertThat(this.extension.actOnWorker("1", "interrupt", "17", null).getStatus()).isEqualTo(404);
		this.requests.begin("POST", "/actuator/workers/0", "");
		assertThat(this.extension.actOnWorker("0", "interrupt", "1", null).getStatus()).as("itself").isEqualTo(409);
	}

	@Test
	void reportOfAFailedReloadQuotesNoValueOfTheConfiguration() {
		WebEndpointResponse<ActionDescriptor> response = WorkersEndpointWebExtension.response(Answer.failed(
				"Reload to generation 2 failed: it did not boot\n    Property: app.key\n    Value: \"hunter2\"\n    Reason: not hunter2"));
		assertThat(response.getStatus()).isEqualTo(409);
		assertThat(response.getBody()).isNotNull();
		assertThat(response.getBody().message()).contains("Property: app.key", "Value: ***").doesNotContain("hunter2");
	}

	@Test
	void threadDumpIsThatOfAWorkerThatIsThere() {
		WebEndpointResponse<String> dump = this.extension.part(0, "threaddump");
		assertThat(dump.getStatus()).isEqualTo(200);
		assertThat(dump.getBody()).contains("threadDumpIsThatOfAWorkerThatIsThere");
		assertThat(this.extension.part(1, "threaddump").getStatus()).isEqualTo(404);
		assertThat(this.extension.part(0, "heapdump").getStatus()).isEqualTo(404);
	}

	@Test
	void longGarbageIsNotRepeatedAtLength() throws InterruptedException {
		WebEndpointResponse<ActionDescriptor> response = this.extension.act("x".repeat(10_000), null, null, null);
		assertThat(response.getBody()).isNotNull();
		assertThat(response.getBody().message()).hasSizeLessThan(100);
	}

	private static void assertInvalid(WebEndpointResponse<ActionDescriptor> response, String message) {
		assertThat(response.getStatus()).isEqualTo(400);
		assertThat(response.getBody()).isEqualTo(new ActionDescriptor("FAILED", message));
	}

	@Test
	void operationsThatChangeTheFleetAreClosedByDefault() {
		assertThat(WorkersEndpoint.class.getAnnotation(Endpoint.class).defaultAccess()).isEqualTo(Access.READ_ONLY);
	}

}
