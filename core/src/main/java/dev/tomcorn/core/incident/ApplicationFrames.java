package dev.tomcorn.core.incident;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;

/**
 * Finds the application's own frames in a stack: those of its packages, or else those
 * outside well-known libraries.
 */
public final class ApplicationFrames {

	/**
	 * Prefixes of packages of the JDK and of common libraries.
	 */
	private static final List<String> LIBRARIES = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.", "jakarta.",
			"dev.tomcorn.", "kotlin.", "kotlinx.", "scala.", "groovy.", "org.codehaus.groovy.", "org.springframework.",
			"org.apache.", "org.hibernate.", "org.jboss.", "org.postgresql.", "org.mariadb.", "com.mysql.", "oracle.",
			"com.microsoft.sqlserver.", "com.ibm.db2.", "org.h2.", "org.hsqldb.", "org.sqlite.", "com.zaxxer.",
			"com.mongodb.", "com.datastax.", "io.lettuce.", "redis.clients.", "io.r2dbc.", "org.jooq.", "org.flywaydb.",
			"liquibase.", "io.netty.", "reactor.", "io.micrometer.", "io.opentelemetry.", "com.fasterxml.",
			"tools.jackson.", "com.google.", "okhttp3.", "feign.", "com.rabbitmq.", "org.slf4j.", "ch.qos.logback.",
			"org.aspectj.", "net.bytebuddy.", "org.thymeleaf.", "graphql.", "org.eclipse.", "com.github.benmanes.",
			"io.github.resilience4j.", "io.grpc.");

	private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.", "com.sun.");

	/**
	 * Marks classes that a framework generates from the application's.
	 */
	private static final String GENERATED = "$$";

	private final List<String> packages;

	/**
	 * Create the finder of an application's frames.
	 * @param packages the application's packages, those below them included; may be empty
	 */
	public ApplicationFrames(Collection<String> packages) {
		this.packages = packages.stream().filter((name) -> !name.isEmpty()).map((name) -> name + ".").toList();
	}

	/**
	 * Return the finder for an application with only a known main class.
	 * @param mainClass name of the main class, or an empty text
	 * @return the finder
	 */
	public static ApplicationFrames ofMainClass(String mainClass) {
		int end = mainClass.lastIndexOf('.');
		String name = (end > 0) ? mainClass.substring(0, end) : "";
		return new ApplicationFrames(
				startsWith(name + ".", List.of("org.springframework.boot.")) ? List.of() : List.of(name));
	}

	/**
	 * Return the first frames of the application. Without any, return the first frame
	 * outside the JDK.
	 * @param stack a stack, innermost frame first
	 * @param most most frames to return
	 * @return the frames, such as {@code OrderController.list(OrderController.java:31)}
	 */
	public List<String> first(StackTraceElement[] stack, int most) {
		List<String> own = texts(stack, (name) -> startsWith(name, this.packages), most);
		if (!own.isEmpty()) {
			return own;
		}
		List<String> unknown = texts(stack, (name) -> !startsWith(name, LIBRARIES), most);
		return !unknown.isEmpty() ? unknown : texts(stack, (name) -> !startsWith(name, JDK), 1);
	}

	private static List<String> texts(StackTraceElement[] stack, Predicate<String> wanted, int most) {
		return Arrays.stream(stack)
			.filter((frame) -> !frame.getClassName().contains(GENERATED) && wanted.test(frame.getClassName()))
			.limit(most)
			.map(ApplicationFrames::text)
			.toList();
	}

	private static boolean startsWith(String name, List<String> beginnings) {
		for (String beginning : beginnings) {
			if (name.startsWith(beginning)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Return whether a class belongs to the application, as far as is known.
	 * @param className the name of the class
	 * @return whether it is in its packages or, if these are unknown, outside well-known
	 * libraries
	 */
	boolean isApplication(String className) {
		return startsWith(className, this.packages)
				|| (!startsWith(className, LIBRARIES) && !className.contains(GENERATED));
	}

	private static String text(StackTraceElement frame) {
		String method = simpleName(frame.getClassName()) + "." + frame.getMethodName();
		return (frame.getFileName() != null && frame.getLineNumber() > 0)
				? "%s(%s:%d)".formatted(method, frame.getFileName(), frame.getLineNumber()) : method;
	}

	static String simpleName(String className) {
		return className.substring(className.lastIndexOf('.') + 1);
	}

	/**
	 * Return the place of a frame.
	 * @param frame a frame from {@link #first}
	 * @return the file and line, such as {@code OrderController.java:31}, or else the
	 * method
	 */
	public static String place(String frame) {
		int begin = frame.indexOf('(');
		return (begin >= 0 && frame.endsWith(")")) ? frame.substring(begin + 1, frame.length() - 1) : frame;
	}

	/**
	 * Return the place of the first of some frames.
	 * @param frames frames from {@link #first}
	 * @return {@code  at } and the place; empty if there is no frame
	 */
	public static String at(List<String> frames) {
		return frames.isEmpty() ? "" : " at " + place(frames.getFirst());
	}

}
