package dev.tomcorn.actuate;

import java.time.Duration;

import dev.tomcorn.actuate.WorkersEndpointWebExtension.Action;
import dev.tomcorn.actuate.WorkersEndpointWebExtension.ActionDescriptor;
import dev.tomcorn.worker.RequestsInFlight;
import dev.tomcorn.worker.Worker;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

import static org.assertj.core.api.Assertions.assertThat;

class WorkersEndpointWebExtensionTests {

	@Test
	void soloApplicationCannotReload() throws InterruptedException {
		WorkerProcess process = WorkerProcess.solo(Duration.ZERO);
		WorkersEndpointWebExtension extension = new WorkersEndpointWebExtension(process,
				new WorkersEndpoint(process, new Worker(process, "gevent", new RequestsInFlight())),
				Access.UNRESTRICTED);
		for (Boolean wait : new Boolean[] { true, false, null }) {
			WebEndpointResponse<ActionDescriptor> response = extension.act(Action.RELOAD, wait);
			assertThat(response.getStatus()).isEqualTo(409);
			assertThat(response.getBody())
				.isEqualTo(new ActionDescriptor("FAILED", "There is no arbiter to reload workers"));
		}
	}

	@Test
	void operationsThatChangeTheFleetAreClosedByDefault() {
		assertThat(WorkersEndpoint.class.getAnnotation(Endpoint.class).defaultAccess()).isEqualTo(Access.READ_ONLY);
	}

}
