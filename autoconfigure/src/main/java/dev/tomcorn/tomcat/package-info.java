/**
 * Tomcat as a worker runs it: endpoint, accept gate, counting valve and the worker
 * classes.
 */
@NullMarked
package dev.tomcorn.tomcat;

import org.jspecify.annotations.NullMarked;
