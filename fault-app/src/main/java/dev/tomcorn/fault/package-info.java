/**
 * An application that misbehaves on request, for the process tests.
 */
@NullMarked
package dev.tomcorn.fault;

import org.jspecify.annotations.NullMarked;
