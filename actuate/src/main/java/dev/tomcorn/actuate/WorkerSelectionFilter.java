package dev.tomcorn.actuate;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.Peers;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Forwards a request for a management endpoint to the worker that must answer it. That is
 * the worker that its parameter {@code worker} names, else the workers within the
 * endpoint's {@linkplain EndpointReach reach}, else a worker that serves if this one does
 * not. Runs after the filters that authorize requests. Each answer names the worker that
 * it comes from.
 */
final class WorkerSelectionFilter extends HttpFilter {

	private static final long serialVersionUID = 1L;

	/**
	 * Query parameter with the index of the worker that must answer.
	 */
	static final String PARAMETER = "worker";

	/**
	 * Header with the index of the worker that has answered.
	 */
	static final String ANSWERED_BY = "Tomcorn-Worker";

	private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

	private static final int MAX_DIGITS = 9;

	private final transient Peers peers;

	private final transient RequestForwarder forwarder;

	private final transient EveryWorker everyWorker;

	private final transient Supplier<List<ManagementEndpoint>> endpoints;

	private final transient ReloadRequest reload;

	/**
	 * Create the filter.
	 * @param peers the workers of the fleet
	 * @param endpoints the management endpoints, read with each request
	 * @param arbiter asks the arbiter
	 */
	WorkerSelectionFilter(Peers peers, Supplier<List<ManagementEndpoint>> endpoints,
			Function<Operation, CompletableFuture<Answer>> arbiter) {
		this.peers = peers;
		this.forwarder = new RequestForwarder(peers);
		this.everyWorker = new EveryWorker(peers, this.forwarder);
		this.endpoints = endpoints;
		this.reload = new ReloadRequest(arbiter);
	}

	@Override
	protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		String path = path(request);
		for (ManagementEndpoint endpoint : this.endpoints.get()) {
			if (endpoint.has(path)) {
				answer(endpoint, request, response, chain);
				return;
			}
		}
		chain.doFilter(request, response);
	}

	private void answer(ManagementEndpoint endpoint, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		EndpointReach reach = READING.contains(request.getMethod()) ? EndpointReach.ANY
				: EndpointReach.ofChange(endpoint.id());
		// Parameters in a body are ignored, because this filter does not read it
		List<String> chosen = Query.values(request.getQueryString(), PARAMETER);
		if (reach == EndpointReach.RELOAD && endpoint.changing()) {
			// Boot's operation would end the worker, so a reload answers even if one is
			// named
			this.reload.answer(request, response);
		}
		else if (RequestForwarder.isForwarded(request)) {
			answerHere(request, response, chain);
		}
		else if (!chosen.isEmpty()) {
			answerBy(chosen, request, response, chain);
		}
		else {
			answer(reach, request, response, chain);
		}
	}

	private void answer(EndpointReach reach, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		Peer self = this.peers.self();
		Peer leader = (reach == EndpointReach.LEADER) ? this.peers.leader().orElse(self) : self;
		if (reach == EndpointReach.EVERY && this.everyWorker.hasOthers()) {
			this.everyWorker.answer(request, response);
		}
		else if (leader.age() != self.age()) {
			this.forwarder.to(leader, request, response);
		}
		else if (self.state() == WorkerState.READY || !answeredByAnother(request, response)) {
			answerHere(request, response, chain);
		}
	}

	private void answerHere(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		response.setHeader(ANSWERED_BY, Integer.toString(this.peers.self().index()));
		chain.doFilter(request, response);
	}

	private static String path(HttpServletRequest request) {
		String path = request.getPathInfo();
		return (path != null) ? path : request.getServletPath();
	}

	private void answerBy(List<String> chosen, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		String index = chosen.getFirst();
		if (chosen.size() > 1 || index.isEmpty() || index.length() > MAX_DIGITS
				|| !index.chars().allMatch((c) -> c >= '0' && c <= '9')) {
			ProblemResponse.BAD_REQUEST.send(response, "worker takes the index of one worker, such as ?worker=0");
			return;
		}
		Optional<Peer> peer = this.peers.at(Integer.parseInt(index));
		if (peer.isEmpty()) {
			ProblemResponse.NOT_FOUND.send(response, "There is no worker %s, there are %s".formatted(index,
					this.peers.all().stream().map(Peer::index).distinct().toList()));
		}
		else if (peer.get().age() == this.peers.self().age()) {
			answerHere(request, response, chain);
		}
		else {
			this.forwarder.to(peer.get(), request, response);
		}
	}

	/**
	 * A worker that is starting or ending does not answer for the fleet while another one
	 * serves.
	 */
	private boolean answeredByAnother(HttpServletRequest request, HttpServletResponse response) throws IOException {
		List<Peer> serving = this.peers.others()
			.stream()
			.filter((peer) -> peer.state() == WorkerState.READY && !peer.silent())
			.toList();
		if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
			for (Peer peer : serving) {
				if (this.forwarder.tryForward(peer, request, response)) {
					return true;
				}
			}
			return false;
		}
		if (!serving.isEmpty()) {
			this.forwarder.to(serving.getFirst(), request, response);
		}
		return !serving.isEmpty();
	}

}
