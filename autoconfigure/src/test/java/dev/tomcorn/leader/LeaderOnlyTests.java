package dev.tomcorn.leader;

import java.util.Optional;

import dev.tomcorn.LeaderOnly;
import dev.tomcorn.Leadership;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link LeaderOnly}.
 */
class LeaderOnlyTests {

	private final SwitchedLeadership leadership = new SwitchedLeadership();

	private final AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext();

	@BeforeEach
	void setUp() {
		this.context.registerBean(SwitchedLeadership.class, () -> this.leadership);
		this.context.register(Application.class);
		this.context.refresh();
	}

	@AfterEach
	void tearDown() {
		this.context.close();
	}

	@Test
	void methodsDoNothingUnlessThisWorkerLeads() {
		Work work = this.context.getBean(Work.class);
		assertThat(work.text()).isNull();
		assertThat(work.optional()).isEmpty();
		work.nothing();
		assertThat(this.context.getBean(Done.class).count).isZero();
		assertThat(work.everywhere()).isEqualTo(1);
	}

	@Test
	void leadershipIsHeldWhileAMethodRuns() {
		this.leadership.leader = true;
		Work work = this.context.getBean(Work.class);
		assertThat(work.text()).isEqualTo("held by 1");
		assertThat(work.optional()).contains("held by 1");
		work.nothing();
		assertThat(this.context.getBean(Done.class).count).isEqualTo(3);
		assertThat(this.leadership.holds).hasValue(0);
	}

	@Test
	void failureOfAMethodLetsGo() {
		this.leadership.leader = true;
		assertThatIllegalStateException().isThrownBy(this.context.getBean(Work.class)::failing)
			.withMessage("on purpose");
		assertThat(this.leadership.holds).hasValue(0);
	}

	@Test
	void primitiveResultIsRefusedEverywhere() {
		Work work = this.context.getBean(Work.class);
		assertThatIllegalStateException().isThrownBy(work::number).withMessageContaining("primitive");
		this.leadership.leader = true;
		assertThatIllegalStateException().isThrownBy(work::number).withMessageContaining("primitive");
	}

	@Test
	void annotatedClassStandsForItsMethods() {
		WorkClass work = this.context.getBean(WorkClass.class);
		assertThat(work.text()).isNull();
		this.leadership.leader = true;
		assertThat(work.text()).isEqualTo("text");
	}

	static class Done {

		int count;

	}

	static class Work {

		private final SwitchedLeadership leadership;

		private final Done done;

		Work(SwitchedLeadership leadership, Done done) {
			this.leadership = leadership;
			this.done = done;
		}

		@LeaderOnly
		public @Nullable String text() {
			this.done.count++;
			return "held by " + this.leadership.holds;
		}

		@LeaderOnly
		public Optional<String> optional() {
			this.done.count++;
			return Optional.of("held by " + this.leadership.holds);
		}

		@LeaderOnly
		public void nothing() {
			this.done.count++;
		}

		@LeaderOnly
		public void failing() {
			throw new IllegalStateException("on purpose");
		}

		@LeaderOnly
		public int number() {
			return 1;
		}

		public int everywhere() {
			return 1;
		}

	}

	@LeaderOnly
	static class WorkClass {

		public @Nullable String text() {
			return "text";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		static LeaderOnlyPostProcessor leaderOnly(ObjectProvider<Leadership> leadership) {
			return new LeaderOnlyPostProcessor(leadership::getObject);
		}

		@Bean
		Done done() {
			return new Done();
		}

		@Bean
		Work work(SwitchedLeadership leadership, Done done) {
			return new Work(leadership, done);
		}

		@Bean
		WorkClass workClass() {
			return new WorkClass();
		}

	}

}
