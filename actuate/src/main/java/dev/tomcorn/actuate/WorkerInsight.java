package dev.tomcorn.actuate;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.PeerAnswer;
import dev.tomcorn.peer.PeerCommand;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.request.RequestSnapshot;
import dev.tomcorn.request.RequestsInFlight;
import dev.tomcorn.worker.ThreadDump;

/**
 * Reads what only a worker itself knows: its requests in flight and its threads. Asks the
 * worker in question, and answers for this one.
 */
final class WorkerInsight implements PeerCommand {

	private static final Duration LIMIT = Duration.ofSeconds(1);

	private static final Duration INTERRUPT_PATIENCE = Duration.ofMillis(500);

	private static final int MAX_REQUESTS = 1000;

	private static final String ABOUT = "about";

	private static final String REQUEST = "request";

	/**
	 * Prefix of the answer if the interrupt has not ended the request.
	 */
	private static final String GOES_ON = "+";

	private final Peers peers;

	private final RequestsInFlight requests;

	/**
	 * Create the insight.
	 * @param peers the workers
	 * @param requests the requests of this one
	 */
	WorkerInsight(Peers peers, RequestsInFlight requests) {
		this.peers = peers;
		this.requests = requests;
	}

	private enum About {

		REQUESTS, THREADS, INTERRUPT

	}

	@Override
	public String name() {
		return "insight";
	}

	@Override
	public byte[] answer(Map<String, String> parameters) throws Exception {
		return switch (About.valueOf(String.valueOf(parameters.get(ABOUT)))) {
			case REQUESTS -> write(this.requests.snapshot());
			case THREADS -> ThreadDump.take();
			case INTERRUPT -> write(this.requests.interrupt(Long.parseLong(String.valueOf(parameters.get(REQUEST))),
					INTERRUPT_PATIENCE));
		};
	}

	/**
	 * Return the worker of an index.
	 */
	Optional<Peer> find(int index) {
		return this.peers.at(index);
	}

	/**
	 * Ask for the requests in flight, see {@link #readRequests(byte[])}.
	 */
	PeerAnswer requests(Peer peer) {
		return ask(peer, Map.of(ABOUT, About.REQUESTS.name()));
	}

	/**
	 * Ask for a thread dump.
	 */
	PeerAnswer threads(Peer peer) {
		return ask(peer, Map.of(ABOUT, About.THREADS.name()));
	}

	/**
	 * Have a request interrupted, see {@link #readInterruption(byte[])}.
	 */
	PeerAnswer interrupt(Peer peer, long request) {
		return ask(peer, Map.of(ABOUT, About.INTERRUPT.name(), REQUEST, Long.toString(request)));
	}

	private PeerAnswer ask(Peer peer, Map<String, String> parameters) {
		if (peer.age() != this.peers.self().age()) {
			return this.peers.askAnyway(peer, name(), parameters, LIMIT);
		}
		try {
			return new PeerAnswer.Answered(peer, answer(parameters));
		}
		catch (IllegalArgumentException ex) {
			return new PeerAnswer.Refused(peer, String.valueOf(ex.getMessage()));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return new PeerAnswer.Missing(peer, "the request was interrupted");
		}
		catch (Exception ex) {
			return new PeerAnswer.Missing(peer, ex.toString());
		}
	}

	private static byte[] write(List<RequestSnapshot> snapshots) throws IOException {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		DataOutputStream out = new DataOutputStream(bytes);
		out.writeInt(Math.min(snapshots.size(), MAX_REQUESTS));
		for (RequestSnapshot request : snapshots.subList(0, Math.min(snapshots.size(), MAX_REQUESTS))) {
			out.writeLong(request.number());
			out.writeUTF(request.method());
			out.writeUTF(request.path());
			out.writeLong(request.age().toMillis());
			out.writeByte(request.stage().ordinal());
			out.writeUTF(request.thread());
		}
		// After the part that an older version reads
		for (RequestSnapshot request : snapshots.subList(0, Math.min(snapshots.size(), MAX_REQUESTS))) {
			out.writeUTF(String.join("\n", request.frames()));
		}
		return bytes.toByteArray();
	}

	static List<RequestSnapshot> readRequests(byte[] answer) throws IOException {
		DataInputStream in = new DataInputStream(new ByteArrayInputStream(answer));
		List<RequestSnapshot> snapshots = new ArrayList<>();
		for (int left = in.readInt(); left > 0; left--) {
			snapshots.add(new RequestSnapshot(in.readLong(), in.readUTF(), in.readUTF(),
					Duration.ofMillis(in.readLong()), Stage.values()[in.readByte()], in.readUTF(), List.of()));
		}
		// A worker of an older version does not send frames
		for (int at = 0; at < snapshots.size() && in.available() > 0; at++) {
			String frames = in.readUTF();
			snapshots.set(at, snapshots.get(at).at(frames.isEmpty() ? List.of() : List.of(frames.split("\n"))));
		}
		return snapshots;
	}

	private static byte[] write(Optional<RequestsInFlight.Interruption> interruption) {
		return interruption.map((done) -> (done.ended() ? "" : GOES_ON) + done.text())
			.orElse("")
			.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Return the outcome, empty if there is no such request.
	 */
	static Optional<RequestsInFlight.Interruption> readInterruption(byte[] answer) {
		String text = new String(answer, StandardCharsets.UTF_8);
		return text.isEmpty() ? Optional.empty()
				: Optional.of(new RequestsInFlight.Interruption(!text.startsWith(GOES_ON),
						text.startsWith(GOES_ON) ? text.substring(GOES_ON.length()) : text));
	}

}
