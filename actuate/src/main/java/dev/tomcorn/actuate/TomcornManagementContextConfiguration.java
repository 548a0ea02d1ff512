package dev.tomcorn.actuate;

import dev.tomcorn.tomcat.ManagementConnections;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.catalina.startup.Tomcat;

import org.springframework.boot.actuate.autoconfigure.web.ManagementContextConfiguration;
import org.springframework.boot.actuate.autoconfigure.web.ManagementContextType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link ManagementContextConfiguration} that lets supervised workers share a separate
 * management port.
 */
@ManagementContextConfiguration(value = ManagementContextType.CHILD, proxyBeanMethods = false)
@ConditionalOnClass({ Tomcat.class, TomcatServletWebServerFactory.class })
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(WorkerProcess.class)
public final class TomcornManagementContextConfiguration {

	@Bean
	ManagementServerFactoryCustomizer tomcornManagementServerFactoryCustomizer(WorkerProcess process,
			ManagementConnections connections, Environment environment) {
		return new ManagementServerFactoryCustomizer(process.runDirectory(), connections, environment);
	}

}
