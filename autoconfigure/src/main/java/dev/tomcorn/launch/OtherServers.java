package dev.tomcorn.launch;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.servlet.ServletWebServerFactory;

/**
 * {@link BeanPostProcessor} that reports a web server that Tomcorn does not support,
 * before it is created. A supervised worker cannot run it, because the arbiter has the
 * port.
 */
final class OtherServers implements BeanPostProcessor {

	private static final Log logger = LogFactory.getLog("dev.tomcorn.launch");

	private static final String SUFFIX = "ServletWebServerFactory";

	private final boolean supervised;

	/**
	 * Create the post-processor of an application.
	 * @param supervised whether an arbiter has spawned this JVM
	 */
	OtherServers(boolean supervised) {
		this.supervised = supervised;
	}

	@Override
	public Object postProcessBeforeInitialization(Object bean, String beanName) {
		if (bean instanceof ServletWebServerFactory && !(bean instanceof TomcatServletWebServerFactory)) {
			String name = name(bean.getClass());
			if (this.supervised) {
				throw new SupervisionUnavailableException(
						"The web server is %s (bean '%s'), but workers run Tomcat.".formatted(name, beanName),
						"Remove %s from the class path to serve by Tomcat, or set tomcorn.arbiter.enabled to false to run "
							.formatted(name) + "in one process, where Tomcorn does not serve requests.");
			}
			logger.warn("The web server is %s: Tomcorn serves requests by Tomcat only, so that worker class, "
				.formatted(name) + "drain and limits of requests have no effect");
		}
		return bean;
	}

	private static String name(Class<?> factory) {
		String name = factory.getSimpleName();
		return (name.endsWith(SUFFIX) && name.length() > SUFFIX.length())
				? name.substring(0, name.length() - SUFFIX.length()) : factory.getName();
	}

}
