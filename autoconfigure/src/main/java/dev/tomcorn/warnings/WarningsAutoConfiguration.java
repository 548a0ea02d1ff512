package dev.tomcorn.warnings;

import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.session.StandardManager;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for warnings about what differs from
 * plain Boot in a fleet.
 */
@AutoConfiguration(afterName = "dev.tomcorn.tomcat.TomcornAutoConfiguration")
@ConditionalOnClass({ StandardManager.class, TomcatContextCustomizer.class })
@ConditionalOnBean(WorkerProcess.class)
public final class WarningsAutoConfiguration {

	@Bean
	WarningReporter tomcornWarningReporter(WorkerProcess process) {
		return new WarningReporter(process);
	}

	@Bean
	MemorySessionsListener tomcornMemorySessionsListener(WarningReporter warnings) {
		return new MemorySessionsListener(warnings);
	}

}
