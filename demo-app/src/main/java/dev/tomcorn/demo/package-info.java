/**
 * A small application to try every worker class with.
 */
@NullMarked
package dev.tomcorn.demo;

import org.jspecify.annotations.NullMarked;
