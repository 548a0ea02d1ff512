package dev.tomcorn.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import org.jspecify.annotations.Nullable;

/**
 * The workers of the fleet, and how to send them commands. A worker that shows no sign of
 * life is not asked, and every wait has the caller's limit. Solo there is one worker,
 * which cannot be asked.
 */
public final class Peers {

	/**
	 * Longest answer to a command, in bytes.
	 */
	public static final int MAX_ANSWER = 64 * 1024 * 1024;

	private static final String MUTE = "it shows no sign of life";

	private static final int OK = 200;

	private static final int BAD_REQUEST = 400;

	private final Scoreboard scoreboard;

	private final WorkerSlot slot;

	private final @Nullable Path runDirectory;

	/**
	 * Create a view of the fleet.
	 * @param scoreboard the fleet's scoreboard
	 * @param slot this worker's slot
	 * @param runDirectory directory of the fleet, {@code null} when solo
	 */
	public Peers(Scoreboard scoreboard, WorkerSlot slot, @Nullable Path runDirectory) {
		this.scoreboard = scoreboard;
		this.slot = slot;
		this.runDirectory = runDirectory;
	}

	/**
	 * Return this worker.
	 * @return this worker
	 */
	public Peer self() {
		return Peer.of(this.slot);
	}

	/**
	 * Return all workers that have not ended, this one and those that start included.
	 * @return the workers, by index and age
	 */
	public List<Peer> all() {
		return this.scoreboard.slots()
			.stream()
			.filter((other) -> other.state() != WorkerState.VACANT)
			.map(Peer::of)
			.sorted(Comparator.comparingInt(Peer::index).thenComparingLong(Peer::age))
			.toList();
	}

	/**
	 * Return the other workers that have loaded the application and not ended.
	 * @return the workers, by index and age
	 */
	public List<Peer> others() {
		long self = this.slot.age();
		return all().stream().filter((peer) -> peer.age() != self && peer.state() != WorkerState.STARTING).toList();
	}

	/**
	 * Return the worker of an index. During a replacement there are two: the one that
	 * serves, or will serve next, counts.
	 * @param index the index
	 * @return the worker, this one possibly; empty if there is none
	 */
	public Optional<Peer> at(int index) {
		List<WorkerState> order = List.of(WorkerState.READY, WorkerState.STANDBY, WorkerState.DRAINING,
				WorkerState.STARTING, WorkerState.VACANT);
		return all().stream()
			.filter((peer) -> peer.index() == index)
			.min(Comparator.comparingInt((Peer peer) -> order.indexOf(peer.state()))
				.thenComparing(Comparator.comparingLong(Peer::age).reversed()));
	}

	/**
	 * Return the leader.
	 * @return the worker, this one possibly; empty while there is none
	 */
	public Optional<Peer> leader() {
		return this.scoreboard.slots()
			.stream()
			.filter((other) -> other.leader() && other.state() != WorkerState.VACANT)
			.map(Peer::of)
			.findFirst();
	}

	/**
	 * Ask another worker for a {@link PeerCommand}, unless it shows no sign of life.
	 * @param peer the worker
	 * @param command name of the command
	 * @param parameters the parameters of the command
	 * @param limit the time that this may take
	 * @return its answer
	 */
	public PeerAnswer ask(Peer peer, String command, Map<String, String> parameters, Duration limit) {
		return peer.mute() ? new PeerAnswer.Missing(peer, MUTE)
				: ask(peer, command, parameters, limit, () -> isMute(peer));
	}

	/**
	 * Ask another worker for a {@link PeerCommand}, even one that shows no sign of life:
	 * it may be short of CPU, or in a garbage collection.
	 * @param peer the worker
	 * @param command name of the command
	 * @param parameters the parameters of the command
	 * @param limit the time that this may take
	 * @return its answer
	 */
	public PeerAnswer askAnyway(Peer peer, String command, Map<String, String> parameters, Duration limit) {
		PeerAnswer answer = ask(peer, command, parameters, limit, () -> false);
		return (peer.mute() && answer instanceof PeerAnswer.Missing(Peer _, String reason))
				? new PeerAnswer.Missing(peer, MUTE + " (" + reason + ")") : answer;
	}

	private PeerAnswer ask(Peer peer, String command, Map<String, String> parameters, Duration limit,
			BooleanSupplier givenUp) {
		long deadline = System.nanoTime() + limit.toNanos();
		PeerRequest request = PeerRequest.get(parameters.entrySet()
			.stream()
			.map((entry) -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
			.collect(Collectors.joining("&", PeerAdapter.COMMANDS + command + "?", "")));
		try (PeerConnection connection = PeerConnection.open(socketOf(peer), () -> deadline - System.nanoTime(),
				givenUp)) {
			connection.write(request.head());
			PeerResponse response = PeerResponse.read(connection, request.method());
			byte[] body = response.body().readNBytes(MAX_ANSWER + 1);
			if (body.length > MAX_ANSWER) {
				return new PeerAnswer.Missing(peer, "its answer is too long");
			}
			return switch (response.status()) {
				case OK -> new PeerAnswer.Answered(peer, body);
				case BAD_REQUEST -> new PeerAnswer.Refused(peer, new String(body, StandardCharsets.UTF_8));
				default -> new PeerAnswer.Missing(peer,
						"it answers %d: %s".formatted(response.status(), new String(body, StandardCharsets.UTF_8)));
			};
		}
		catch (IOException ex) {
			return new PeerAnswer.Missing(peer, String.valueOf(ex.getMessage()));
		}
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	/**
	 * Ask several workers for a {@link PeerCommand} at the same time. Platform threads do
	 * this, because all carriers of virtual threads may be blocked.
	 * @param peers the workers
	 * @param command name of the command
	 * @param parameters the parameters of the command
	 * @param limit the time that all of it may take
	 * @return their answers, in the order of the workers
	 */
	public List<PeerAnswer> ask(List<Peer> peers, String command, Map<String, String> parameters, Duration limit) {
		long deadline = System.nanoTime() + limit.toNanos();
		List<FutureTask<PeerAnswer>> tasks = peers.stream()
			.map((peer) -> new FutureTask<PeerAnswer>(() -> ask(peer, command, parameters, limit)))
			.toList();
		tasks.forEach((task) -> Thread.ofPlatform().daemon().name("tomcorn-ask").start(task));
		List<PeerAnswer> answers = new ArrayList<>();
		for (int i = 0; i < peers.size(); i++) {
			answers.add(await(peers.get(i), tasks.get(i), deadline));
		}
		return answers;
	}

	private static PeerAnswer await(Peer peer, FutureTask<PeerAnswer> task, long deadline) {
		try {
			return task.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
		}
		catch (TimeoutException ex) {
			return new PeerAnswer.Missing(peer, "no answer in time");
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new PeerAnswer.Missing(peer, "the request was interrupted");
		}
		catch (ExecutionException ex) {
			return new PeerAnswer.Missing(peer, String.valueOf(ex.getCause()));
		}
	}

	/**
	 * Send an HTTP request to another worker.
	 * @param peer the worker
	 * @param request the request
	 * @param patience how long it may send nothing while its heartbeat goes on
	 * @return its response, which the caller closes
	 * @throws IOException if the worker cannot be reached, is silent or does not answer
	 * in time
	 */
	public PeerResponse send(Peer peer, PeerRequest request, Duration patience) throws IOException {
		if (peer.mute()) {
			throw new IOException(MUTE);
		}
		byte[] head = request.head();
		PeerConnection connection = PeerConnection.open(socketOf(peer), patience::toNanos, () -> isMute(peer));
		try {
			connection.write(head);
			connection.write(request.body());
			return PeerResponse.read(connection, request.method());
		}
		catch (IOException ex) {
			connection.close();
			throw ex;
		}
	}

	private boolean isMute(Peer peer) {
		return this.scoreboard.slots().stream().anyMatch((other) -> other.age() == peer.age() && Peer.isMute(other));
	}

	/**
	 * Remove the sockets of workers that were killed.
	 */
	void removeLeftSockets() {
		Path directory = this.runDirectory;
		if (directory == null) {
			return;
		}
		try (Stream<Path> files = Files.list(directory)) {
			List<Path> sockets = files.filter((file) -> PeerChannel.isSocket(file.getFileName().toString())).toList();
			// Read after the sockets: a worker has its slot before its socket
			Set<Path> living = all().stream()
				.map((peer) -> PeerChannel.socket(directory, peer.age()))
				.collect(Collectors.toSet());
			for (Path socket : sockets) {
				if (!living.contains(socket)) {
					Files.deleteIfExists(socket);
				}
			}
		}
		catch (IOException | UncheckedIOException ex) {
			// The sockets are removed with the directory
		}
	}

	private Path socketOf(Peer peer) throws IOException {
		if (this.runDirectory == null) {
			throw new IOException("there are no other workers");
		}
		return PeerChannel.socket(this.runDirectory, peer.age());
	}

}
