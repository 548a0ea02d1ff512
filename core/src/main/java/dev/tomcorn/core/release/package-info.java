/**
 * The releases that workers start from: kept copies of the application's jar, and their
 * AOT caches.
 */
@NullMarked
package dev.tomcorn.core.release;

import org.jspecify.annotations.NullMarked;
