package dev.tomcorn.worker;

/**
 * How a reload has ended.
 *
 * @param success whether every worker is of the new generation
 * @param message what happened, with the failed worker's own report
 */
public record ReloadOutcome(boolean success, String message) {
}
