/**
 * What systemd is told of the service: its notify protocol.
 */
@NullMarked
package dev.tomcorn.core.systemd;

import org.jspecify.annotations.NullMarked;
