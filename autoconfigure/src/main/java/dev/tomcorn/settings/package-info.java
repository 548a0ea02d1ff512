/**
 * The properties of Tomcorn, and what they are read and checked into.
 */
@NullMarked
package dev.tomcorn.settings;

import org.jspecify.annotations.NullMarked;
