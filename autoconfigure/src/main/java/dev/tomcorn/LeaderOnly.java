package dev.tomcorn;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Makes a method of a bean, or every public method of its class, do nothing unless this
 * worker is the leader when it is called; the worker remains the leader until the method
 * returns. A call that does nothing returns an empty {@link java.util.Optional} or
 * {@code null}, so the method must not return a primitive type: calls of one that does
 * fail with an {@link IllegalStateException}. What the method leaves to other threads, as
 * one that returns a future or a publisher does, is not covered: see
 * {@link Leadership#hold()}.
 * <p>
 * As with all that Spring does to beans, a call from within the same object is not seen.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ ElementType.METHOD, ElementType.TYPE })
public @interface LeaderOnly {

}
