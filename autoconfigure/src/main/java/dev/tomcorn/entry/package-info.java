/**
 * The entry points for Spring Boot and the shell. Compiled for Java 17, so that an older
 * JVM can load it and report the required version.
 */
@NullMarked
package dev.tomcorn.entry;

import org.jspecify.annotations.NullMarked;
