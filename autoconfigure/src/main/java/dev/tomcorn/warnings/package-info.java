/**
 * What an application has that differs from plain Boot in a fleet, told from one table,
 * once for the whole fleet.
 */
@NullMarked
package dev.tomcorn.warnings;

import org.jspecify.annotations.NullMarked;
