/**
 * Where Spring Boot or a shell comes in first. Compiled for Java 17, so that an older JVM
 * than the rest needs can load it and say what is missing.
 */
@NullMarked
package dev.tomcorn.entry;

import org.jspecify.annotations.NullMarked;
