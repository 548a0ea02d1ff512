package dev.tomcorn.autoconfigure;

import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.session.StandardManager;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.tomcat.TomcatContextCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for warnings of state that each of
 * several workers has for itself.
 */
@AutoConfiguration(after = TomcornAutoConfiguration.class)
@ConditionalOnClass({ StandardManager.class, TomcatContextCustomizer.class })
@ConditionalOnBean(WorkerProcess.class)
public final class StateWarningsAutoConfiguration {

	@Bean
	StateWarnings tomcornStateWarnings(WorkerProcess process) {
		return new StateWarnings(process);
	}

	@Bean
	MemorySessionsWarning tomcornMemorySessionsWarning(StateWarnings warnings) {
		return new MemorySessionsWarning(warnings);
	}

	@Bean
	@Lazy(false)
	MemoryDatabaseWarning tomcornMemoryDatabaseWarning(ConfigurableListableBeanFactory beanFactory,
			StateWarnings warnings) {
		return new MemoryDatabaseWarning(beanFactory, warnings);
	}

	@Bean
	@Lazy(false)
	FileWriterWarning tomcornFileWriterWarning(ConfigurableListableBeanFactory beanFactory, StateWarnings warnings) {
		return new FileWriterWarning(beanFactory, warnings);
	}

}
