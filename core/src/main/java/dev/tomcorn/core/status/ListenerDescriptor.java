package dev.tomcorn.core.status;

import java.util.Optional;

import dev.tomcorn.core.scoreboard.ListenerTable;

/**
 * A socket on which the fleet listens.
 *
 * @param address its address in the form of {@code tomcorn.bind}
 * @param external whether another process such as systemd opened it and keeps it open
 * @param backlog the kernel's queue, empty if its length is not known
 * @param connections how many connections workers have taken from it
 */
public record ListenerDescriptor(String address, boolean external, Optional<FleetDescriptor.BacklogDescriptor> backlog,
		long connections) {

	static ListenerDescriptor of(ListenerTable.Listener listener) {
		return new ListenerDescriptor(listener.name(), listener.foreign(),
				FleetDescriptor.BacklogDescriptor.of(listener.queue().reading()), listener.queue().takenConnections());
	}

}
