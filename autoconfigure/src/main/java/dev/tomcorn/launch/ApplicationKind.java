package dev.tomcorn.launch;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.ParentContextApplicationContextInitializer;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.web.servlet.support.ServletContextApplicationContextInitializer;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;

/**
 * The kind of an application, as far as it is known before there is a context.
 *
 * @param type its type
 * @param port the port that it opens; 0 for any, negative for none
 * @param unreadablePort why the port cannot be read before there is a context
 * @param tomcat whether Tomcat and Boot's support for it are on the class path
 * @param nested whether it is a Spring Cloud bootstrap context, which configures another
 * one
 * @param child whether it has a parent context
 * @param deployed whether a servlet container runs it
 */
record ApplicationKind(@Nullable WebApplicationType type, int port, @Nullable BindException unreadablePort,
		boolean tomcat, boolean nested, boolean child, boolean deployed) {

	private static final String TOMCAT = "org.apache.catalina.startup.Tomcat";

	private static final String TOMCAT_FACTORY = "org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory";

	static ApplicationKind of(SpringApplication application, ConfigurableEnvironment environment) {
		Binder binder = Binder.get(environment);
		// Bound to the application only after the environment is prepared
		WebApplicationType type = binder.bind("spring.main.web-application-type", WebApplicationType.class)
			.orElse(application.getWebApplicationType());
		int port = -1;
		BindException unreadablePort = null;
		if (type != WebApplicationType.NONE) {
			try {
				port = binder.bind("server.port", Integer.class).orElse(8080);
			}
			catch (BindException ex) {
				// The property that it refers to may be set in the context
				port = 0;
				unreadablePort = ex;
			}
		}
		ClassLoader loader = application.getClassLoader();
		return new ApplicationKind(type, port, unreadablePort,
				ClassUtils.isPresent(TOMCAT, loader) && ClassUtils.isPresent(TOMCAT_FACTORY, loader),
				environment.getPropertySources().contains("bootstrap"),
				application.getInitializers()
					.stream()
					.anyMatch(ParentContextApplicationContextInitializer.class::isInstance),
				application.getInitializers()
					.stream()
					.anyMatch(ServletContextApplicationContextInitializer.class::isInstance));
	}

	/**
	 * Return whether it is a servlet application on Tomcat that has a port. An
	 * application that is deployed in a servlet container counts as one.
	 */
	boolean isServed() {
		return this.type == WebApplicationType.SERVLET && this.port >= 0 && this.tomcat;
	}

	/**
	 * Return whether another application has started it for its own use, such as the
	 * context of a binder for a message broker.
	 */
	boolean isPart() {
		return this.child && this.type == WebApplicationType.NONE;
	}

	/**
	 * Return whether it opens a fixed port, as far as that is known.
	 */
	boolean opensPort() {
		return this.type != WebApplicationType.NONE && this.port > 0 && !this.deployed;
	}

	/**
	 * Return why several processes cannot run it.
	 * @return the obstacle, or {@code null} if there is none
	 */
	@Nullable Obstacle obstacle() {
		if (this.type == null || this.type == WebApplicationType.NONE) {
			return Obstacle.ordinary("it is not a web application");
		}
		if (this.port < 0) {
			return Obstacle.ordinary("it has no web server (server.port is %d)".formatted(this.port));
		}
		if (this.type != WebApplicationType.SERVLET) {
			return Obstacle.lack("this is a WebFlux application, and workers run servlet applications", null);
		}
		if (this.deployed) {
			return Obstacle.tool("a servlet container runs the application", null);
		}
		if (!this.tomcat) {
			return Obstacle.lack("Boot's embedded Tomcat is not on the class path",
					"For worker processes, add spring-boot-starter-tomcat");
		}
		if (this.child) {
			return Obstacle.lack("the context of this application has a parent",
					"For worker processes, start one application without parent and child contexts");
		}
		return null;
	}

}
