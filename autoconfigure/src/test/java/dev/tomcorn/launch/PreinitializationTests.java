package dev.tomcorn.launch;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.launch.Launch.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.boot.context.event.ApplicationFailedEvent;
import org.springframework.boot.context.event.SpringApplicationEvent;
import org.springframework.boot.support.EnvironmentPostProcessorApplicationListener;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.mock.env.MockEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Preinitialization}.
 */
class PreinitializationTests {

	private final SpringApplication application = new SpringApplication(PreinitializationTests.class);

	private final DefaultBootstrapContext bootstrapContext = new DefaultBootstrapContext();

	private final Recorder boots = new Recorder();

	@Test
	void listenerOfBootIsReplacedAndRunsAfterTheRoleIsDecided() {
		Preinitialization preinitialization = Preinitialization.of(this.application);
		assertThat(preinitialization).isNotNull();
		assertThat(this.application.getListeners()).contains(preinitialization)
			.noneMatch((listener) -> listener.getClass().getName().contains("BackgroundPreinitializing"));
		assertThat(preinitialization.getOrder())
			.isGreaterThan(EnvironmentPostProcessorApplicationListener.DEFAULT_ORDER)
			.isLessThan(Ordered.LOWEST_PRECEDENCE);
	}

	@Test
	void applicationWithoutTheListenerStaysAsItIs() {
		this.application.setListeners(List.of(this.boots));
		assertThat(Preinitialization.of(this.application)).isNull();
		assertThat(this.application.getListeners()).containsExactly(this.boots);
	}

	@Test
	void arbiterLoadsNothing() {
		decide(Role.ARBITER);
		Preinitialization preinitialization = preinitialization();
		preinitialization.onApplicationEvent(prepared());
		assertThat(this.boots.events).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARBITER")
	void everyOtherRoleLoadsAtOnce(Role role) {
		decide(role);
		Preinitialization preinitialization = preinitialization();
		ApplicationEnvironmentPreparedEvent event = prepared();
		preinitialization.onApplicationEvent(event);
		preinitialization.begin();
		assertThat(this.boots.events).containsExactly(event);
	}

	@Test
	void applicationWhoseRoleIsNotDecidedLoadsAtOnce() {
		ApplicationEnvironmentPreparedEvent event = prepared();
		preinitialization().onApplicationEvent(event);
		assertThat(this.boots.events).containsExactly(event);
	}

	@Test
	void jvmThatIsNoArbiterAfterAllLoadsOnce() {
		decide(Role.ARBITER);
		Preinitialization preinitialization = preinitialization();
		ApplicationEnvironmentPreparedEvent event = prepared();
		preinitialization.onApplicationEvent(event);
		preinitialization.begin();
		preinitialization.begin();
		assertThat(this.boots.events).containsExactly(event);
	}

	@Test
	void otherEventsReachTheListenerInEveryRole() {
		decide(Role.ARBITER);
		ApplicationFailedEvent event = new ApplicationFailedEvent(this.application, new String[0], null,
				new IllegalStateException());
		preinitialization().onApplicationEvent(event);
		assertThat(this.boots.events).containsExactly(event);
	}

	private void decide(Role role) {
		this.bootstrapContext.register(Launch.class,
				InstanceSupplier.of(new Launch(role, true, true, "test", new LaunchMessage.None(), null)));
	}

	private Preinitialization preinitialization() {
		this.application.setListeners(List.of(this.boots));
		Preinitialization preinitialization = Preinitialization.of(this.application, Recorder.class.getName());
		assertThat(preinitialization).isNotNull();
		return preinitialization;
	}

	private ApplicationEnvironmentPreparedEvent prepared() {
		return new ApplicationEnvironmentPreparedEvent(this.bootstrapContext, this.application, new String[0],
				new MockEnvironment());
	}

	private static final class Recorder implements ApplicationListener<SpringApplicationEvent> {

		private final List<SpringApplicationEvent> events = new ArrayList<>();

		@Override
		public void onApplicationEvent(SpringApplicationEvent event) {
			this.events.add(event);
		}

	}

}
