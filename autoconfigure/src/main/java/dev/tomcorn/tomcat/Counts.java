package dev.tomcorn.tomcat;

import dev.tomcorn.core.scoreboard.ListenerQueue;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.worker.RequestFigures;

/**
 * Where a connector counts.
 *
 * @param slot what it has open and to run
 * @param queue what it takes out of the kernel's queue
 * @param figures how long its tasks wait for a thread
 * @param concurrency how many requests it runs at once
 */
record Counts(WorkerSlot slot, ListenerQueue queue, RequestFigures figures, int concurrency) {
}
