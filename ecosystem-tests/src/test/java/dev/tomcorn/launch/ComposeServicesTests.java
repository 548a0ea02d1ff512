package dev.tomcorn.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.tomcorn.core.scoreboard.FleetLocks;
import dev.tomcorn.ecosystem.TestLocks;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.MockedStatic;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringApplicationShutdownHandlers;
import org.springframework.boot.context.event.ApplicationPreparedEvent;
import org.springframework.boot.docker.compose.core.DockerCompose;
import org.springframework.boot.docker.compose.core.RunningService;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.ApplicationListener;
import org.springframework.context.support.StaticApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.ArgumentMatchers.contains;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.mockStatic;

/**
 * Tests for {@link ComposeServices} with Boot's support for Docker Compose.
 */
class ComposeServicesTests {

	@TempDir
	Path directory;

	private final TestLocks locks = new TestLocks();

	private final List<String> calls = new ArrayList<>();

	private boolean running;

	@Test
	void lastWorkerStopsWhatTheFirstHasStarted() {
		withDocker(() -> {
			Process first = new Process();
			first.boot(true);
			assertThat(this.calls).containsExactly("up");
			Process second = new Process();
			second.boot(true);
			first.end();
			assertThat(this.running).isTrue();
			Process third = new Process();
			third.boot(true);
			second.end();
			assertThat(this.running).as("when those who saw the start have ended").isTrue();
			third.end();
			assertThat(this.calls).containsExactly("up", "stop 7");
		});
	}

	@Test
	void workerThatStartedThemAndIsTheLastStopsThem() {
		withDocker(() -> {
			Process first = new Process();
			first.boot(true);
			first.end();
			assertThat(this.calls).containsExactly("up", "stop 7");
		});
	}

	@Test
	void servicesThatRanBeforeStay() {
		withDocker(() -> {
			this.running = true;
			Process first = new Process();
			first.boot(true);
			Process second = new Process();
			second.boot(true);
			first.end();
			second.end();
			assertThat(this.calls).isEmpty();
		});
	}

	@Test
	void workerThatAsksAtTheSameMomentHasNotStartedThem() {
		withDocker(() -> {
			this.running = true;
			Process first = new Process();
			first.boot(true);
			refuseOnce(first.locks);
			first.end();
			assertThat(this.calls).isEmpty();
		});
	}

	@Test
	void soloNothingIsDifferent() {
		withDocker(() -> {
			Process solo = new Process();
			solo.boot(false);
			assertThat(this.calls).containsExactly("up");
			solo.end();
			assertThat(this.calls).containsExactly("up", "stop 7");
		});
	}

	private void withDocker(Runnable test) {
		DockerCompose docker = mock(DockerCompose.class);
		RunningService service = mock(RunningService.class);
		// Boot connects to no service with this label
		given(service.labels()).willReturn(Map.of("org.springframework.boot.ignore", ""));
		given(docker.hasDefinedServices()).willReturn(true);
		given(docker.getRunningServices()).willAnswer((_) -> this.running ? List.of(service) : List.of());
		willAnswer((_) -> state("up", true)).given(docker).up(any(), any());
		willAnswer((call) -> state("stop " + call.<Duration>getArgument(0).toSeconds(), false)).given(docker)
			.stop(any(), any());
		try (MockedStatic<DockerCompose> compose = mockStatic(DockerCompose.class)) {
			compose.when(() -> DockerCompose.get(any(), any(), any(), any())).thenReturn(docker);
			test.run();
		}
	}

	/**
	 * Let the first attempt find another process that checks for the start.
	 */
	private void refuseOnce(FleetLocks locks) {
		FleetLocks later = this.locks.of(locks);
		AtomicBoolean refused = new AtomicBoolean();
		try {
			willAnswer((call) -> refused.getAndSet(true) ? later.tryAlone(call.getArgument(0)) : null).given(locks)
				.tryAlone(contains("started"));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private @Nullable Object state(String call, boolean newRunning) {
		this.calls.add(call);
		this.running = newRunning;
		return null;
	}

	/**
	 * A process with an application.
	 */
	private final class Process implements SpringApplicationShutdownHandlers {

		private final FleetLocks locks = ComposeServicesTests.this.locks.of(this);

		private final SpringApplication application = new SpringApplication(Object.class);

		private final List<Runnable> handlers = new ArrayList<>();

		private final ComposeServices services = ComposeServices.of(this.application, () -> this);

		void boot(boolean worker) {
			StaticApplicationContext context = new StaticApplicationContext();
			TestPropertyValues
				.of("spring.docker.compose.skip.in-tests=false", "spring.docker.compose.readiness.wait=never",
						"spring.docker.compose.stop.timeout=7s", "spring.docker.compose.file=" + file())
				.applyTo(context);
			if (worker) {
				assertThat(this.services).isNotNull();
				this.services.join(this.locks, context.getEnvironment());
			}
			for (ApplicationListener<?> listener : this.application.getListeners()) {
				if (listener.getClass().getName().endsWith(".DockerComposeListener")) {
					prepared(listener, new ApplicationPreparedEvent(this.application, new String[0], context));
				}
			}
		}

		@SuppressWarnings("unchecked")
		private void prepared(ApplicationListener<?> listener, ApplicationPreparedEvent event) {
			((ApplicationListener<ApplicationPreparedEvent>) listener).onApplicationEvent(event);
		}

		private Path file() {
			try {
				return Files.writeString(ComposeServicesTests.this.directory.resolve("compose.yaml"), "services: {}");
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		void end() {
			this.handlers.forEach(Runnable::run);
			ComposeServicesTests.this.locks.end(this);
		}

		@Override
		public void add(Runnable action) {
			this.handlers.add(action);
		}

		@Override
		public void remove(Runnable action) {
			this.handlers.remove(action);
		}

	}

}
