/**
 * What the workers of a generation start from: copies of the application's jar that are
 * kept, and the AOT caches for them.
 */
@NullMarked
package dev.tomcorn.core.release;

import org.jspecify.annotations.NullMarked;
