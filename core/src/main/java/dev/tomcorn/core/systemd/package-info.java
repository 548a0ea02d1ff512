/**
 * Notifications to systemd by its notify protocol.
 */
@NullMarked
package dev.tomcorn.core.systemd;

import org.jspecify.annotations.NullMarked;
