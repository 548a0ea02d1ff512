/**
 * Composition of the supervised fleet: the one place where the arbiter meets processes,
 * sockets and files.
 */
@NullMarked
package dev.tomcorn.core;

import org.jspecify.annotations.NullMarked;
