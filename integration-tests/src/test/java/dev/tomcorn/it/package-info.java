/**
 * The packaged demo as its users meet it: real processes, real signals, real load.
 */
@NullMarked
package dev.tomcorn.it;

import org.jspecify.annotations.NullMarked;
