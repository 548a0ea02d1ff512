/**
 * Tests of the packaged demo as its users run it: real processes, real signals, real
 * load.
 */
@NullMarked
package dev.tomcorn.it;

import org.jspecify.annotations.NullMarked;
