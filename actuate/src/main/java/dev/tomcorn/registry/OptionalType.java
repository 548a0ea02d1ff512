package dev.tomcorn.registry;

import java.lang.reflect.Method;

import org.jspecify.annotations.Nullable;

import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * A class of an optional library.
 *
 * @param type the class, {@code null} if the library is absent
 */
record OptionalType(@Nullable Class<?> type) {

	/**
	 * Look for a class.
	 * @param className its name
	 * @param classLoader where to look
	 */
	static OptionalType of(String className, @Nullable ClassLoader classLoader) {
		try {
			return new OptionalType(ClassUtils.forName(className, classLoader));
		}
		catch (ClassNotFoundException | LinkageError ex) {
			return new OptionalType(null);
		}
	}

	boolean isInstance(Object object) {
		return this.type != null && this.type.isInstance(object);
	}

	/**
	 * Call a public method, which must exist for these arguments.
	 * @param target the object
	 * @param name the method's name
	 * @param arguments its arguments, none of them {@code null}
	 * @return what it returns
	 */
	static @Nullable Object call(Object target, String name, Object... arguments) {
		for (Method method : target.getClass().getMethods()) {
			if (method.getName().equals(name) && !method.isBridge() && accepts(method.getParameterTypes(), arguments)) {
				ReflectionUtils.makeAccessible(method);
				return ReflectionUtils.invokeMethod(method, target, arguments);
			}
		}
		throw new IllegalStateException("%s has no method '%s'".formatted(target.getClass().getName(), name));
	}

	private static boolean accepts(Class<?>[] types, Object[] arguments) {
		if (types.length != arguments.length) {
			return false;
		}
		for (int i = 0; i < types.length; i++) {
			if (!types[i].isInstance(arguments[i])) {
				return false;
			}
		}
		return true;
	}

}
