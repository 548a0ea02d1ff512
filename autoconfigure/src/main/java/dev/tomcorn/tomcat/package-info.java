/**
 * Tomcat in a worker: endpoint, accept gate, counting valve, worker classes and warm-up.
 */
@NullMarked
package dev.tomcorn.tomcat;

import org.jspecify.annotations.NullMarked;
