package dev.tomcorn.registry;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Filters the calls of a worker's Eureka client to its servers. A call that the fleet
 * withholds returns success to the client.
 */
final class EurekaInstance {

	private static final String UP = "UP";

	private final FleetInstance instance;

	private final Object information;

	private final boolean cancels;

	private final OptionalType response;

	private volatile @Nullable Object client;

	/**
	 * The status that this worker last sent to the servers.
	 */
	private volatile String status = UP;

	private volatile boolean last;

	private EurekaInstance(FleetInstance instance, Object information, boolean cancels, OptionalType response) {
		this.instance = instance;
		this.information = information;
		this.cancels = cancels;
		this.response = response;
	}

	/**
	 * Create the instance of a worker's application.
	 * @param fleet the worker's registrations
	 * @param information what the client registers
	 * @param cancels whether the client cancels its registration at its end
	 * @param response type of a server's answers
	 * @return the instance, which the worker shares from now on
	 */
	static EurekaInstance join(FleetRegistrations fleet, Object information, boolean cancels, OptionalType response) {
		FleetInstance instance = fleet.instance("eureka", application(information) + "/" + id(information));
		EurekaInstance eureka = new EurekaInstance(instance, information, cancels, response);
		instance.join();
		fleet.atEnd("eureka", eureka::leave);
		return eureka;
	}

	private static Object application(Object information) {
		return Objects.requireNonNull(OptionalType.call(information, "getAppName"));
	}

	private static Object id(Object information) {
		return Objects.requireNonNull(OptionalType.call(information, "getId"));
	}

	/**
	 * Return the interceptor of a connection to a server.
	 * @param target the connection
	 */
	InvocationHandler before(Object target) {
		return (_, method, arguments) -> switch (method.getName()) {
			case "register" -> register(target, method, arguments);
			case "sendHeartBeat" -> {
				this.client = target;
				yield (this.instance.isOurs() || this.last)
						? AopUtils.invokeJoinpointUsingReflection(target, method, arguments) : answer(200);
			}
			case "cancel" -> cancel(target, method, arguments);
			default -> AopUtils.invokeJoinpointUsingReflection(target, method, arguments);
		};
	}

	private @Nullable Object register(Object target, Method method, @Nullable Object[] arguments) {
		this.client = target;
		AtomicReference<@Nullable Object> answer = new AtomicReference<>(answer(204));
		Runnable registration = () -> {
			this.status = status();
			answer.set(ReflectionUtils.invokeMethod(method, target, arguments));
		};
		if (this.last) {
			registration.run();
		}
		else {
			this.instance.register(registration);
		}
		return answer.get();
	}

	private @Nullable Object cancel(Object target, Method method, @Nullable Object[] arguments) {
		AtomicReference<@Nullable Object> answer = new AtomicReference<>(answer(200));
		this.instance.deregister(() -> answer.set(ReflectionUtils.invokeMethod(method, target, arguments)));
		return answer.get();
	}

	private void leave() {
		Object target = this.client;
		if (target == null) {
			return;
		}
		if (!this.cancels) {
			this.last = this.instance.deregister(() -> {
			});
			return;
		}
		Runnable cancellation = () -> OptionalType.call(target, "cancel", application(this.information),
				id(this.information));
		if (!this.instance.deregister(cancellation) && !this.status.equals(UP)) {
			// Other workers register it again with their own status
			cancellation.run();
		}
	}

	private String status() {
		return String.valueOf(OptionalType.call(this.information, "getStatus"));
	}

	private @Nullable Object answer(int code) {
		Method method = ReflectionUtils.findMethod(Objects.requireNonNull(this.response.type()), "status", int.class);
		return ReflectionUtils.invokeMethod(Objects.requireNonNull(method), null, code);
	}

}
