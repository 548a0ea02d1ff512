package dev.tomcorn.tomcat;

import java.time.Duration;

import dev.tomcorn.WorkerModel;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link ConnectorTraffic}.
 */
class ConnectorTrafficTests {

	@Test
	void managementPortThatFailsDoesNotKeepTheApplicationsOpen() {
		WorkerModel model = mock(WorkerModel.class);
		given(model.concurrency()).willReturn(1);
		ManagementConnections management = mock(ManagementConnections.class);
		willThrow(new OutOfMemoryError("no native thread")).given(management).drain();
		ConnectorTraffic traffic = new ConnectorTraffic(WorkerProcess.solo(Duration.ZERO), model,
				new RequestsInFlight().figures(), management, Duration.ZERO);
		TomcornProtocol protocol = mock(TomcornProtocol.class);
		traffic.attach(protocol, null);
		assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(traffic::stopAccepting);
		then(protocol).should().stopAccepting();
	}

}
