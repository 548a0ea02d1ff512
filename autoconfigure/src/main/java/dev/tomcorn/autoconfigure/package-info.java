/**
 * Properties, auto-configuration, launch as arbiter or worker, failure analyzers.
 */
@NullMarked
package dev.tomcorn.autoconfigure;

import org.jspecify.annotations.NullMarked;
