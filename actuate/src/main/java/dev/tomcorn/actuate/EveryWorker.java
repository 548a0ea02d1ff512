package dev.tomcorn.actuate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;

import dev.tomcorn.actuate.RequestForwarder.Answer;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.Peers;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Forwards a request to every worker that serves or stands by, this one included. One
 * worker answers first: if it refuses the request, the others do not get it.
 */
final class EveryWorker {

	/**
	 * Header with the indexes of the workers that have carried out the request.
	 */
	static final String DONE_BY = "Tomcorn-Workers";

	private final Peers peers;

	private final RequestForwarder forwarder;

	EveryWorker(Peers peers, RequestForwarder forwarder) {
		this.peers = peers;
		this.forwarder = forwarder;
	}

	/**
	 * Return whether other workers must get the request.
	 */
	boolean hasOthers() {
		return workers().stream().anyMatch((peer) -> peer.age() != this.peers.self().age());
	}

	/**
	 * Let all of them answer. If none fails, one of their answers goes to the client.
	 */
	void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
		Optional<byte[]> body = this.forwarder.body(request, response);
		if (body.isEmpty() || !this.forwarder.begin(response)) {
			return;
		}
		try {
			answer(request, body.get(), response);
		}
		finally {
			this.forwarder.end();
		}
	}

	private void answer(HttpServletRequest request, byte[] body, HttpServletResponse response) throws IOException {
		List<Peer> workers = workers();
		RequestForwarder.Prepared prepared = this.forwarder.prepare(request, body);
		Answer first = this.forwarder.answer(workers.getFirst(), prepared);
		if (!first.done() && !first.unknown()) {
			first.pass(response);
			return;
		}
		List<Answer> answers = new ArrayList<>(List.of(first));
		answers.addAll(answers(workers.subList(1, workers.size()), prepared));
		List<Answer> failed = answers.stream().filter((answer) -> !answer.done() && !answer.unknown()).toList();
		List<Answer> done = answers.stream().filter(Answer::done).toList();
		if (!done.isEmpty()) {
			response.setHeader(DONE_BY, places(done));
		}
		if (failed.isEmpty()) {
			// Either no worker knows the request's subject, or at least one has changed
			// it
			(done.isEmpty() ? first : done.getFirst()).pass(response);
			return;
		}
		ProblemResponse.UNAVAILABLE.send(response, "Done by %d of %d workers: %s".formatted(done.size(), workers.size(),
				failed.stream().map(Answer::failure).collect(Collectors.joining("; "))));
	}

	private static String places(List<Answer> done) {
		return done.stream()
			.map((answer) -> answer.peer().index())
			.distinct()
			.sorted()
			.map(String::valueOf)
			.collect(Collectors.joining(", "));
	}

	/**
	 * Return the workers that serve or stand by. This worker is among them if it does, or
	 * if there is no other.
	 */
	private List<Peer> workers() {
		Peer self = this.peers.self();
		List<Peer> workers = new ArrayList<>();
		if (lasts(self)) {
			workers.add(self);
		}
		this.peers.others().stream().filter(EveryWorker::lasts).forEach(workers::add);
		return workers.isEmpty() ? List.of(self) : workers;
	}

	private static boolean lasts(Peer peer) {
		return peer.state() == WorkerState.READY || peer.state() == WorkerState.STANDBY;
	}

	/**
	 * Ask several at the same time. Platform threads do this, because all carriers of
	 * virtual threads may be blocked.
	 */
	private List<Answer> answers(List<Peer> workers, RequestForwarder.Prepared prepared) {
		List<FutureTask<Answer>> tasks = workers.stream()
			.map((peer) -> new FutureTask<>(() -> this.forwarder.answer(peer, prepared)))
			.toList();
		tasks.forEach((task) -> Thread.ofPlatform().daemon().name("tomcorn-every-worker").start(task));
		List<Answer> answers = new ArrayList<>();
		for (int i = 0; i < tasks.size(); i++) {
			answers.add(await(workers.get(i), tasks.get(i)));
		}
		return answers;
	}

	private static Answer await(Peer peer, FutureTask<Answer> task) {
		try {
			return task.get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return Answer.missing(peer, "the request was interrupted");
		}
		catch (ExecutionException ex) {
			return Answer.missing(peer, String.valueOf(ex.getCause()));
		}
	}

}
