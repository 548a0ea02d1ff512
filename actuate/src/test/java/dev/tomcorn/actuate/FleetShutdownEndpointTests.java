package dev.tomcorn.actuate;

import java.util.concurrent.CompletableFuture;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.worker.WorkerProcess;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.context.support.GenericApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

/**
 * Tests for {@link FleetShutdownEndpoint}.
 */
@Execution(ExecutionMode.CONCURRENT)
class FleetShutdownEndpointTests {

	private final WorkerProcess process = mock(WorkerProcess.class);

	private final Scoreboard scoreboard = mock(Scoreboard.class);

	private final FleetShutdownEndpoint endpoint = new FleetShutdownEndpoint(this.process);

	@BeforeEach
	void answers() {
		given(this.process.scoreboard()).willReturn(this.scoreboard);
		given(this.process.ask(any())).willReturn(CompletableFuture.completedFuture(Answer.failed("Not asked yet")));
	}

	@Test
	void endsTheFleetAndNotTheContextOfThisWorker() {
		GenericApplicationContext context = new GenericApplicationContext();
		context.refresh();
		this.endpoint.setApplicationContext(context);
		assertThat(this.endpoint.shutdown().getMessage()).isEqualTo("Shutting down, bye...");
		await().untilAsserted(() -> then(this.process).should().ask(new Operation.Stop(false)));
		assertThat(context.isActive()).isTrue();
		context.close();
	}

	@Test
	void doesNotSayByeIfNobodyCanEndTheFleet() {
		given(this.scoreboard.isArbiterSilent()).willReturn(true);
		this.endpoint.setApplicationContext(new GenericApplicationContext());
		assertThatIllegalStateException().isThrownBy(this.endpoint::shutdown).withMessageContaining("not stopped");
		then(this.process).should(never()).ask(any());
	}

}
