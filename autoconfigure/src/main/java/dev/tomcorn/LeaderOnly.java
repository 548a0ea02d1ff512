package dev.tomcorn;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method of a bean, or every public method of its class, do nothing unless this
 * worker is the leader when it is called. The worker remains the leader until the method
 * returns. A call that does nothing returns an empty {@link java.util.Optional} or {@code
 * null}. The method must therefore not return a primitive type: if it does, calls fail
 * with an {@link IllegalStateException}. Work that the method passes to other threads,
 * for example behind a future or a publisher, is not covered: see
 * {@link Leadership#hold()}.
 * <p>
 * As with all proxies of Spring, a call from within the same object is not intercepted.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface LeaderOnly {

}
