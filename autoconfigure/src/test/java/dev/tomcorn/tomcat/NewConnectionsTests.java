package dev.tomcorn.tomcat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NewConnections}.
 */
class NewConnectionsTests {

	private final WorkerSlot slot = Scoreboard.solo().claim(0, 0, 1, 1);

	private final List<SocketChannel> opened = new ArrayList<>();

	private final Set<SocketChannel> arrived = new HashSet<>();

	private final List<SocketChannel> closed = new ArrayList<>();

	private long now;

	private NewConnections connections = connections(1);

	private NewConnections connections(int concurrency) {
		return new NewConnections(this.slot, concurrency, this.arrived::contains, this::close, () -> this.now);
	}

	private boolean close(SocketChannel connection) {
		if (this.arrived.contains(connection)) {
			return false;
		}
		return this.closed.add(connection);
	}

	@AfterEach
	void close() throws IOException {
		for (SocketChannel connection : this.opened) {
			connection.close();
		}
	}

	private SocketChannel take() throws IOException {
		SocketChannel connection = SocketChannel.open();
		this.opened.add(connection);
		this.connections.taken(connection);
		return connection;
	}

	private void pass(Duration time) {
		this.now += time.toNanos();
		this.connections.expire();
	}

	@Test
	void newConnectionCountsUntilItSendsSomething() throws IOException {
		SocketChannel connection = take();
		pass(Duration.ofMillis(100));
		assertThat(this.slot.busy()).isEqualTo(1);
		assertThat(this.connections.arrived(connection)).isTrue();
		assertThat(this.slot.busy()).isZero();
		assertThat(this.connections.arrived(connection)).isFalse();
		assertThat(this.connections.isEmpty()).isTrue();
	}

	@Test
	void connectionThatStaysSilentNoLongerCounts() throws IOException {
		SocketChannel connection = take();
		pass(NewConnections.EXPECT_REQUEST);
		assertThat(this.slot.busy()).isZero();
		assertThat(this.connections.isEmpty()).isFalse();
		assertThat(this.connections.arrived(connection)).isFalse();
		assertThat(this.connections.isEmpty()).isTrue();
	}

	@Test
	void connectionWhoseBytesWaitForThePollerCountsHoweverLong() throws IOException {
		this.arrived.add(take());
		pass(Duration.ofSeconds(10));
		assertThat(this.slot.busy()).isEqualTo(1);
	}

	/**
	 * The worker checks every 20 ms while it is full.
	 */
	@Test
	void silentConnectionsTogetherTakeASmallShareOfThePlaces() throws IOException {
		for (int concurrency : new int[] { 1, 5 }) {
			this.connections = connections(concurrency);
			long free = 0;
			int rounds = 500;
			for (int i = 0; i < rounds; i++) {
				// Another silent connection takes the free capacity
				do {
					take();
					this.connections.expire();
				}
				while (this.slot.busy() > 0 && this.slot.busy() < concurrency);
				free += concurrency - this.slot.busy();
				pass(Duration.ofMillis(20));
			}
			assertThat(free).as("free places, looked for %s times", rounds)
				.isGreaterThan(rounds * (long) concurrency * 3 / 4);
			pass(Duration.ofSeconds(1));
			assertThat(this.slot.busy()).isZero();
		}
	}

	@Test
	void promptConnectionsAreExpectedHoweverMany() throws IOException {
		for (int i = 0; i < 5000; i++) {
			SocketChannel connection = SocketChannel.open();
			try (connection) {
				this.connections.taken(connection);
				this.connections.expire();
				this.now += Duration.ofNanos(500_000).toNanos();
				assertThat(this.connections.arrived(connection)).as("connection %s counts until it arrives", i)
					.isTrue();
			}
		}
	}

	@Test
	void longPauseOfTheWholeProcessIsNotHeldAgainstClients() throws IOException {
		take();
		pass(Duration.ofMinutes(10));
		pass(Duration.ofSeconds(10));
		SocketChannel next = take();
		pass(Duration.ofMillis(200));
		assertThat(this.connections.arrived(next)).isTrue();
	}

	@Test
	void oldestSilentConnectionsAreClosedOnceThereAreTooMany() throws IOException {
		List<SocketChannel> taken = new ArrayList<>();
		for (int i = 0; i < NewConnections.MAX_SILENT; i++) {
			taken.add(take());
			pass(NewConnections.EXPECT_REQUEST);
		}
		this.connections.arrived(taken.get(1));
		for (int i = 0; i < 3; i++) {
			take();
			pass(NewConnections.EXPECT_REQUEST);
		}
		assertThat(this.closed).containsExactly(taken.get(0), taken.get(2));
	}

	@Test
	void connectionsThatHaveJustComeAreNotClosedForBeingMany() throws IOException {
		this.connections = connections(10);
		for (int i = 0; i < 2 * NewConnections.MAX_SILENT; i++) {
			take();
		}
		pass(NewConnections.EXPECT_REQUEST);
		assertThat(this.slot.busy()).isZero();
		assertThat(this.closed).isEmpty();
		pass(NewConnections.YOUNG);
		assertThat(this.closed).hasSize(NewConnections.MAX_SILENT);
	}

	@Test
	void connectionThatSpeaksInTheLastMomentStaysOpenAndAnotherMakesRoom() throws IOException {
		SocketChannel speaks = take();
		pass(NewConnections.EXPECT_REQUEST);
		SocketChannel silent = take();
		pass(NewConnections.EXPECT_REQUEST);
		this.arrived.add(speaks);
		assertThat(this.connections.closeOldest()).isTrue();
		assertThat(this.closed).containsExactly(silent);
		assertThat(this.connections.closeOldest()).isFalse();
	}

}
