/**
 * The properties of Tomcorn and the validated settings.
 */
@NullMarked
package dev.tomcorn.settings;

import org.jspecify.annotations.NullMarked;
