package dev.tomcorn.tomcat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.core.arbiter.ServiceManager;
import dev.tomcorn.core.arbiter.ServiceState;
import dev.tomcorn.core.arbiter.ServiceState.Stage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SoloServiceTests {

	private final List<ServiceState> told = new ArrayList<>();

	private final List<Runnable> waiting = new ArrayList<>();

	private final SoloService service = new SoloService(this.told::add, Duration.ofMinutes(2), Duration.ofMinutes(1),
			this.waiting::add);

	@Test
	void itTellsOfEachPartOfTheApplicationsLife() {
		this.service.report();
		this.service.serves();
		this.service.stops();
		assertThat(this.told).extracting(ServiceState::stage)
			.containsExactly(Stage.STARTING, Stage.SERVING, Stage.STOPPING);
		assertThat(this.told).extracting(ServiceState::allowance)
			.satisfiesExactly((start) -> assertThat(start).isBetween(Duration.ofMinutes(1), Duration.ofMinutes(2)),
					(serving) -> assertThat(serving).isZero(),
					(end) -> assertThat(end).isBetween(Duration.ofSeconds(1), Duration.ofMinutes(1)));
	}

	@Test
	void itIsSilentWhileVirtualThreadsDoNotRun() {
		this.service.report();
		this.service.report();
		assertThat(this.told).hasSize(1);
		this.waiting.removeFirst().run();
		this.service.report();
		assertThat(this.told).hasSize(2);
	}

	@Test
	void thereIsNoThreadWhereNobodyIsToBeTold() {
		new SoloService(ServiceManager.NONE, Duration.ZERO, Duration.ZERO, this.waiting::add).start();
		assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName).doesNotContain("tomcorn-service");
		assertThat(this.waiting).isEmpty();
	}

}
