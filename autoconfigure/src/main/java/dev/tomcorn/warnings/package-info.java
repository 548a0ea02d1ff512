/**
 * Warnings about features of an application that differ from plain Boot in a fleet. They
 * come from one table and are logged once for the whole fleet.
 */
@NullMarked
package dev.tomcorn.warnings;

import org.jspecify.annotations.NullMarked;
