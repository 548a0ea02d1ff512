package dev.tomcorn.random;

import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.BeansException;
import org.springframework.beans.PropertyAccessorFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * {@link BeanPostProcessor} that gives Boot's user the same generated password in all
 * workers of a fleet. The arbiter logs the password once, in place of Boot's message.
 * Types are given by name, so that Spring Security is not required.
 */
public final class GeneratedPassword implements BeanPostProcessor {

	static final String PROPERTIES = "org.springframework.boot.security.autoconfigure.SecurityProperties";

	/**
	 * Auto-configuration that creates Boot's user and logs its password.
	 */
	static final String USER_CONFIGURATION = "org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration";

	private static final String USERS = "inMemoryUserDetailsManager";

	private static final Log logger = LogFactory.getLog(USER_CONFIGURATION);

	private final WorkerProcess process;

	private final BeanFactory beanFactory;

	private volatile @Nullable String password;

	/**
	 * Create a post-processor.
	 * @param process the worker; a solo one keeps Boot's password
	 * @param beanFactory the bean factory
	 */
	public GeneratedPassword(WorkerProcess process, BeanFactory beanFactory) {
		this.process = process;
		this.beanFactory = beanFactory;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean.getClass().getName().equals(PROPERTIES)) {
			replace(bean);
		}
		else if (beanName.equals(USERS)) {
			tell();
		}
		return bean;
	}

	private void replace(Object properties) {
		FleetSecret secret = this.process.isSupervised() ? FleetSecret.of(this.process.scoreboard()) : null;
		try {
			BeanWrapper wrapper = PropertyAccessorFactory.forBeanPropertyAccess(properties);
			if (secret != null && Boolean.TRUE.equals(wrapper.getPropertyValue("user.passwordGenerated"))) {
				String drawn = secret.uuid("generated password").toString();
				wrapper.setPropertyValue("user.password", drawn);
				this.password = drawn;
			}
		}
		catch (BeansException ex) {
			// A version of Boot with other properties
			logger.debug("Cannot share the generated password", ex);
		}
	}

	private void tell() {
		String drawn = this.password;
		if (drawn != null && this.beanFactory.containsBean(USER_CONFIGURATION) && logger.isWarnEnabled()) {
			// The same line as plain Boot
			this.process.warn("generated-password", "Using generated security password: " + drawn);
			this.process.warn("generated-password-use", "The generated password is the same in all workers, and for "
					+ "development use only: set spring.security.user.password");
		}
	}

}
