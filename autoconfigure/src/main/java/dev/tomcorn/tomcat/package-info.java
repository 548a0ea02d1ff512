/**
 * Tomcat as a worker runs it: endpoint, accept gate, counting valve, the worker classes
 * and the warm-up.
 */
@NullMarked
package dev.tomcorn.tomcat;

import org.jspecify.annotations.NullMarked;
