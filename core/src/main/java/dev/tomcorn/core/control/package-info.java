/**
 * Messages between arbiter and workers, their encoding, and both ends of the socket.
 */
@NullMarked
package dev.tomcorn.core.control;

import org.jspecify.annotations.NullMarked;
