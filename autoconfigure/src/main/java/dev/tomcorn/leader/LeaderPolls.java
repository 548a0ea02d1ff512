package dev.tomcorn.leader;

import java.util.ArrayList;
import java.util.List;

import dev.tomcorn.Leadership;
import org.aopalliance.aop.Advice;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * Makes a poller poll in the leader only. The worker remains the leader until the polled
 * message has been handled, and an ending worker begins no further poll.
 */
record LeaderPolls(Leadership leadership) implements MethodInterceptor {

	private static final String CHAIN = "adviceChain";

	/**
	 * Add this before the existing advice of a poller.
	 * @param poller the poller, not yet running
	 * @return whether that was possible
	 */
	boolean guard(Object poller) {
		try {
			List<Advice> chain = new ArrayList<>(List.of(this));
			// Spring Integration offers a setter only
			if (new DirectFieldAccessor(poller).getPropertyValue(CHAIN) instanceof List<?> advices) {
				advices.forEach((advice) -> chain.add((Advice) advice));
			}
			PropertyAccessorFactory.forBeanPropertyAccess(poller).setPropertyValue(CHAIN, chain);
			return true;
		}
		catch (BeansException ex) {
			return false;
		}
	}

	@Override
	public @Nullable Object invoke(MethodInvocation invocation) throws Throwable {
		try (Leadership.Hold hold = this.leadership.hold()) {
			return (hold != null) ? invocation.proceed() : null;
		}
	}

}
