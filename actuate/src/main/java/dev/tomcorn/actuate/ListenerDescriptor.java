package dev.tomcorn.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.core.scoreboard.ListenerTable;
import org.jspecify.annotations.Nullable;

/**
 * A socket on which the fleet listens.
 *
 * @param address its address in the form of {@code tomcorn.bind}
 * @param external whether another process such as systemd opened it and keeps it open
 * @param backlog the kernel's queue, {@code null} if its length is not known
 * @param connections how many connections workers have taken from it
 */
public record ListenerDescriptor(String address, boolean external,
		@JsonInclude(JsonInclude.Include.ALWAYS) FleetDescriptor.@Nullable BacklogDescriptor backlog,
		long connections) {

	static ListenerDescriptor of(ListenerTable.Listener listener) {
		return new ListenerDescriptor(listener.name(), listener.foreign(),
				FleetDescriptor.BacklogDescriptor.of(listener.queue().reading()), listener.queue().takenConnections());
	}

}
