/**
 * Operating-system signals as events.
 */
@NullMarked
package dev.tomcorn.core.signal;

import org.jspecify.annotations.NullMarked;
