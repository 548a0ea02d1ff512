/**
 * The fleet as it is shown to its operator: the records of which the endpoint and the
 * shell command make their JSON.
 */
@NullMarked
package dev.tomcorn.core.status;

import org.jspecify.annotations.NullMarked;
