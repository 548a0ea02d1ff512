package dev.tomcorn.core.arbiter;

/**
 * Where a worker stands in the fleet.
 *
 * @param slot its slot in the scoreboard; a draining worker and its successor have the
 * same index and different slots
 * @param index its place in the fleet, from 0
 * @param age how many workers were spawned before it, plus one; never reused
 * @param generation the generation it belongs to, from 1
 */
public record Placement(int slot, int index, long age, int generation) {
}
