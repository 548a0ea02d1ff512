/**
 * An application whose sessions outlive its workers.
 */
@NullMarked
package dev.tomcorn.session;

import org.jspecify.annotations.NullMarked;
