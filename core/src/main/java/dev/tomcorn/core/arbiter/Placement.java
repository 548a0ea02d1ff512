package dev.tomcorn.core.arbiter;

/**
 * The placement of a worker in the fleet.
 *
 * @param slot its slot in the scoreboard; a draining worker and its successor have the
 * same index and different slots
 * @param index its index in the fleet, from 0
 * @param age its position in the order in which workers were spawned, from 1; never
 * reused
 * @param generation the generation it belongs to, from 1
 */
public record Placement(int slot, int index, long age, int generation) {
}
