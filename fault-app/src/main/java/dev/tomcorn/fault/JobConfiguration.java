package dev.tomcorn.fault;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import dev.tomcorn.LeaderOnly;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * A job that writes its beginning and end to the file that {@code fault.job} names.
 */
@Configuration(proxyBeanMethods = false)
@EnableScheduling
@ConditionalOnProperty("fault.job")
class JobConfiguration {

	@Bean
	Job job(@Value("${fault.job}") Path file, @Value("${fault.job-millis:50}") int millis) {
		return new Job(file, millis);
	}

	static class Job {

		private final Path file;

		private final int millis;

		Job(Path file, int millis) {
			this.file = file;
			this.millis = millis;
		}

		@Scheduled(fixedRateString = "${fault.job-period:200}")
		public void tick() throws IOException, InterruptedException {
			write("job begin");
			Thread.sleep(this.millis);
			write("job end");
		}

		@LeaderOnly
		@Scheduled(fixedDelayString = "${fault.job-period:200}")
		public void leaderOnly() throws IOException {
			write("only leader");
		}

		@Scheduled(initialDelay = 1)
		public void once() throws IOException {
			write("once here");
		}

		/**
		 * One write is one line, also if other processes write.
		 */
		private void write(String what) throws IOException {
			String line = "%d %d %s%n".formatted(System.nanoTime(), ProcessHandle.current().pid(), what);
			Files.write(this.file, line.getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE,
					StandardOpenOption.APPEND);
		}

	}

}
