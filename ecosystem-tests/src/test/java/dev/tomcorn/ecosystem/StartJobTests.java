package dev.tomcorn.ecosystem;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import dev.tomcorn.Leadership;
import dev.tomcorn.ecosystem.TestFleet.Member;
import dev.tomcorn.leader.BackgroundAutoConfiguration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.launch.JobInstanceAlreadyCompleteException;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.boot.DefaultApplicationArguments;
import org.springframework.boot.batch.autoconfigure.JobLauncherApplicationRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

/**
 * Tests for the Batch jobs that Boot runs at the start.
 */
class StartJobTests extends AbstractFleetTests {

	private static final List<String> LEADER = List.of("tomcorn.scheduling=leader");

	private static final List<String> ALL = List.of();

	@BeforeEach
	void resetJobs() {
		Jobs.runs.set(0);
		Jobs.complete = false;
		Jobs.fails = false;
	}

	@Test
	void oneWorkerOfEachGenerationRunsTheJobsIfTheLeaderSchedules() throws Exception {
		run(boot(1, LEADER));
		run(boot(1, LEADER));
		assertThat(Jobs.runs).hasValue(1);
		run(boot(2, LEADER));
		run(boot(2, LEADER));
		assertThat(Jobs.runs).hasValue(2);
	}

	@Test
	void workerThatComesAfterAllHaveDiedDoesNotRunThemAgain() throws Exception {
		Member first = boot(1, LEADER);
		run(first);
		first.kill();
		run(boot(1, LEADER));
		assertThat(Jobs.runs).hasValue(1);
	}

	@Test
	void jobsThatFailAreRunByTheNextWorker() throws Exception {
		boot(1, LEADER);
		Member second = boot(1, LEADER);
		Jobs.fails = true;
		assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> run(second));
		Jobs.fails = false;
		run(boot(1, LEADER));
		assertThat(Jobs.runs).hasValue(1);
	}

	@Test
	void everyWorkerRunsThemOtherwise() throws Exception {
		run(boot(1, ALL));
		run(boot(1, ALL));
		assertThat(Jobs.runs).hasValue(2);
	}

	@Test
	void firstWorkerFailsAsUnderPlainBootAndALaterOneBoots() throws Exception {
		Jobs.complete = true;
		Member first = boot(1, ALL);
		assertThatExceptionOfType(JobInstanceAlreadyCompleteException.class).isThrownBy(() -> run(first));
		run(boot(1, ALL));
		run(boot(2, LEADER));
	}

	private Member boot(int generation, List<String> properties) {
		return this.fleet.boot(generation, properties, BackgroundAutoConfiguration.class, Jobs.class);
	}

	private static void run(Member member) throws Exception {
		member.context.getBean(JobLauncherApplicationRunner.class).run(new DefaultApplicationArguments("day=1"));
	}

	@Configuration(proxyBeanMethods = false)
	static class Jobs {

		static final AtomicInteger runs = new AtomicInteger();

		static volatile boolean complete;

		static volatile boolean fails;

		@Bean
		Leadership leadership() {
			return mock(Leadership.class);
		}

		@Bean
		Job prices() {
			Job job = mock(Job.class);
			given(job.getName()).willReturn("prices");
			return job;
		}

		@Bean
		JobLauncherApplicationRunner runner() throws Exception {
			JobOperator operator = mock(JobOperator.class);
			willAnswer((_) -> {
				if (complete) {
					throw new JobInstanceAlreadyCompleteException("Already complete");
				}
				if (fails) {
					throw new IllegalStateException("The database is not there");
				}
				runs.incrementAndGet();
				return mock(JobExecution.class);
			}).given(operator).start(any(Job.class), any());
			return new JobLauncherApplicationRunner(operator);
		}

	}

}
