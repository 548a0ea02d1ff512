package dev.tomcorn.management;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.fleet.Peer;
import dev.tomcorn.fleet.Peers;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

/**
 * Hands a request to a management endpoint on to the worker it is meant for: the one that
 * its parameter {@code worker} names, or else, where this worker does not serve, one that
 * does. Comes behind the filters that decide who may ask.
 */
public final class WorkerSelectionFilter extends HttpFilter {

	private static final long serialVersionUID = 1L;

	/**
	 * Names the place of the worker that is to answer.
	 */
	static final String PARAMETER = "worker";

	private static final int MAX_DIGITS = 9;

	private final transient Peers peers;

	private final transient HandOn handOn;

	private final transient Predicate<String> endpoints;

	/**
	 * Create the filter.
	 * @param peers the workers of the fleet
	 * @param endpoints whether a path, within the context and the dispatcher servlet, is
	 * that of a management endpoint
	 */
	public WorkerSelectionFilter(Peers peers, Predicate<String> endpoints) {
		this.peers = peers;
		this.handOn = new HandOn(peers);
		this.endpoints = endpoints;
	}

	@Override
	protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (HandOn.isHandedOn(request) || !this.endpoints.test(path(request))) {
			chain.doFilter(request, response);
			return;
		}
		// A parameter in a body is none of this filter's: it would have to read it
		List<String> chosen = Query.values(request.getQueryString(), PARAMETER);
		if (!chosen.isEmpty()) {
			answerBy(chosen, request, response, chain);
		}
		else if (this.peers.self().state() == WorkerState.READY || !answeredByAnother(request, response)) {
			chain.doFilter(request, response);
		}
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
			Problem.BAD_REQUEST.send(response, "worker takes the index of one worker, such as ?worker=0");
			return;
		}
		Optional<Peer> peer = this.peers.at(Integer.parseInt(index));
		if (peer.isEmpty()) {
			Problem.NOT_FOUND.send(response, "There is no worker %s, there are %s".formatted(index,
					this.peers.all().stream().map(Peer::index).distinct().toList()));
		}
		else if (peer.get().age() == this.peers.self().age()) {
			chain.doFilter(request, response);
		}
		else {
			this.handOn.to(peer.get(), request, response);
		}
	}

	/**
	 * A worker that begins or ends does not speak for the fleet while another one serves.
	 */
	private boolean answeredByAnother(HttpServletRequest request, HttpServletResponse response) throws IOException {
		List<Peer> serving = this.peers.others()
			.stream()
			.filter((peer) -> peer.state() == WorkerState.READY && !peer.silent())
			.toList();
		if (request.getMethod().equals("GET") || request.getMethod().equals("HEAD")) {
			for (Peer peer : serving) {
				if (this.handOn.triedAt(peer, request, response)) {
					return true;
				}
			}
			return false;
		}
		if (!serving.isEmpty()) {
			this.handOn.to(serving.getFirst(), request, response);
		}
		return !serving.isEmpty();
	}

}
