package dev.tomcorn.actuate;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.peer.Peer;
import dev.tomcorn.peer.PeerAnswer;
import dev.tomcorn.worker.WorkerProcess;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;
import org.springframework.util.function.SingletonSupplier;

/**
 * {@link EndpointWebExtension @EndpointWebExtension} with the fleet page and the
 * operations that change the fleet. The operations are closed unless the operator opens
 * them by {@code management.endpoint.workers.access}. Parameters are strings, so that the
 * answer to a wrong one can say what is allowed. Boot's own answer does not.
 */
@EndpointWebExtension(endpoint = WorkersEndpoint.class)
public final class WorkersEndpointWebExtension {

	private static final String THREAD_DUMP = "threaddump";

	private static final int ACCEPTED = 202;

	private static final int CONFLICT = 409;

	private static final int UNAVAILABLE = 503;

	/**
	 * An arbiter that runs answers within milliseconds.
	 */
	private static final Duration PATIENCE = Duration.ofSeconds(5);

	/**
	 * Time for a dump beyond the limit that the arbiter sets for it.
	 */
	private static final Duration DUMP_MARGIN = Duration.ofSeconds(15);

	private static final int MAX_QUOTED = 40;

	private final WorkerProcess process;

	private final ArbiterCalls arbiter;

	private final WorkersEndpoint endpoint;

	private final WorkerInsight insight;

	private final Supplier<FleetPage> page;

	/**
	 * Create the extension.
	 * @param process the worker that answers
	 * @param endpoint the endpoint that it extends
	 * @param insight reads what only workers themselves know
	 * @param access whether the operations that change the fleet are open
	 */
	public WorkersEndpointWebExtension(WorkerProcess process, WorkersEndpoint endpoint, WorkerInsight insight,
			Access access) {
		this.process = process;
		this.arbiter = ArbiterCalls.of(process);
		this.endpoint = endpoint;
		this.insight = insight;
		this.page = SingletonSupplier.of(() -> new FleetPage(access));
	}

	/**
	 * Return the fleet, as JSON or, for a browser, as a page.
	 * @param format what the client asks for
	 * @return the description of the fleet or the page
	 */
	@ReadOperation(producesFrom = FleetFormat.class)
	public Object fleet(FleetFormat format) {
		return (format == FleetFormat.PAGE) ? this.page.get().response() : this.endpoint.workers();
	}

	/**
	 * Return the headers of answers to a browser.
	 */
	Map<String, String> pageHeaders() {
		return this.page.get().headers();
	}

	/**
	 * Return a thread dump of a worker, virtual threads included.
	 * @param index the worker's index
	 * @param part {@code threaddump}
	 * @return 200 with the dump, 404 when there is no such worker or part, 503 when the
	 * worker does not answer
	 */
	@ReadOperation(produces = "text/plain;charset=UTF-8")
	public WebEndpointResponse<String> part(@Selector int index, @Selector String part) {
		Peer peer = this.insight.find(index).orElse(null);
		if (peer == null || !THREAD_DUMP.equals(part)) {
			return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
		}
		return switch (this.insight.threads(peer)) {
			case PeerAnswer.Answered(Peer _, byte[] body) ->
				new WebEndpointResponse<>(new String(body, StandardCharsets.UTF_8));
			case PeerAnswer.Missing(Peer _, String reason) -> noDump(index, reason);
			case PeerAnswer.Refused(Peer _, String message) -> noDump(index, message);
		};
	}

	private static WebEndpointResponse<String> noDump(int index, String reason) {
		return new WebEndpointResponse<>("Worker %d does not answer: %s%n".formatted(index, reason), UNAVAILABLE);
	}

	/**
	 * Operations on the fleet.
	 */
	enum FleetAction {

		/** A new generation of workers, from what is on disk now. */
		RELOAD,

		/** More workers or fewer. */
		SCALE,

		/** The end of all workers, while clients wait. */
		PAUSE,

		/** As many workers as before the pause. */
		RESUME

	}

	/**
	 * Operations on one worker.
	 */
	enum WorkerAction {

		/** A successor of the same generation. */
		RECYCLE,

		/** What is known about it, in a folder. */
		DUMP,

		/** The end of one of its requests. */
		INTERRUPT

	}

	/**
	 * The outcome of an action.
	 *
	 * @param outcome SUCCEEDED, FAILED or, while it is in progress, STARTED
	 * @param message what happened
	 */
	public record ActionDescriptor(String outcome, String message) {
	}

	/**
	 * Change the fleet.
	 * @param action {@code reload}, {@code scale}, {@code pause} or {@code resume}
	 * @param workers how many workers to scale to
	 * @param wait whether to answer only when the operation has ended
	 * @param to first digits of the key of a kept release, to reload that release
	 * @return 200 when it succeeded, 202 while it is in progress, 400 when a parameter is
	 * wrong, 409 when it was refused or has failed, 503 when the arbiter does not answer
	 * or too many clients wait for it
	 * @throws InterruptedException if the request is interrupted
	 */
	@WriteOperation
	public WebEndpointResponse<ActionDescriptor> act(@Nullable String action, @Nullable String workers,
			@Nullable String wait, @Nullable String to) throws InterruptedException {
		try {
			FleetAction wanted = action(FleetAction.class, action);
			boolean awaitEnd = flag("wait", wait);
			return switch (wanted) {
				case RELOAD -> {
					String release = release(to);
					yield ask((end) -> new Operation.Reload(end, release), awaitEnd);
				}
				case PAUSE -> ask(Operation.Pause::new, awaitEnd);
				case RESUME -> ask(Operation.Resume::new, awaitEnd);
				case SCALE -> {
					int number = workers(workers);
					yield ask((end) -> new Operation.Scale(number, end), awaitEnd);
				}
			};
		}
		catch (InvalidParameterException ex) {
			return failed(WebEndpointResponse.STATUS_BAD_REQUEST, ex.getMessage());
		}
	}

	/**
	 * Carry out an operation on one worker.
	 * @param index the worker's index
	 * @param action {@code recycle}, {@code dump} or {@code interrupt}
	 * @param request number of the request to interrupt
	 * @param wait whether to answer only once a worker that is recycled has been replaced
	 * @return as for the fleet, and 404 when there is no such worker or request
	 * @throws InterruptedException if the request is interrupted
	 */
	@WriteOperation
	public WebEndpointResponse<ActionDescriptor> actOnWorker(@Selector String index, @Nullable String action,
			@Nullable String request, @Nullable String wait) throws InterruptedException {
		try {
			int place = number("index", index);
			WorkerAction wanted = action(WorkerAction.class, action);
			boolean awaitEnd = flag("wait", wait);
			return switch (wanted) {
				case RECYCLE -> ask((end) -> new Operation.Recycle(place, end), awaitEnd);
				case DUMP -> ask(new Operation.Dump(place), this.process.recordLimit().plus(DUMP_MARGIN));
				case INTERRUPT -> interrupt(place, request(request));
			};
		}
		catch (InvalidParameterException ex) {
			return failed(WebEndpointResponse.STATUS_BAD_REQUEST, ex.getMessage());
		}
	}

	private WebEndpointResponse<ActionDescriptor> interrupt(int index, long request) {
		Peer peer = this.insight.find(index).orElse(null);
		if (peer == null) {
			return failed(WebEndpointResponse.STATUS_NOT_FOUND, "There is no worker " + index);
		}
		return switch (this.insight.interrupt(peer, request)) {
			case PeerAnswer.Answered(Peer _, byte[] body) -> WorkerInsight.readInterruption(body)
				.map((done) -> done.ended() ? response(WebEndpointResponse.STATUS_OK, "SUCCEEDED", done.text())
						: response(ACCEPTED, "STARTED", done.text()))
				.orElseGet(() -> failed(WebEndpointResponse.STATUS_NOT_FOUND,
						"Worker %d has no request %d in flight".formatted(index, request)));
			case PeerAnswer.Refused(Peer _, String message) -> failed(CONFLICT, message);
			case PeerAnswer.Missing(Peer _, String reason) ->
				failed(UNAVAILABLE, "Worker %d does not answer: %s".formatted(index, reason));
		};
	}

	/**
	 * Ask for an operation that takes long.
	 */
	private WebEndpointResponse<ActionDescriptor> ask(Function<Boolean, Operation> operation, boolean wait)
			throws InterruptedException {
		if (!wait) {
			return ask(operation.apply(false), PATIENCE);
		}
		try {
			return response(this.arbiter.askAndAwaitEnd(operation.apply(true)));
		}
		catch (ArbiterCalls.UnavailableException ex) {
			return failed(UNAVAILABLE, ex.getMessage());
		}
	}

	private WebEndpointResponse<ActionDescriptor> ask(Operation operation, Duration patience)
			throws InterruptedException {
		try {
			return response(this.arbiter.ask(operation, patience));
		}
		catch (ArbiterCalls.UnavailableException ex) {
			return failed(UNAVAILABLE, ex.getMessage());
		}
	}

	static WebEndpointResponse<ActionDescriptor> response(Answer answer) {
		return switch (answer.outcome()) {
			case SUCCEEDED -> response(WebEndpointResponse.STATUS_OK, "SUCCEEDED", answer.message());
			case STARTED -> response(ACCEPTED, "STARTED", answer.message());
			case FAILED -> failed(CONFLICT, WorkersEndpoint.withoutValues(answer.message()));
			case INVALID -> failed(WebEndpointResponse.STATUS_BAD_REQUEST, answer.message());
			case UNKNOWN -> failed(WebEndpointResponse.STATUS_NOT_FOUND, answer.message());
		};
	}

	private static WebEndpointResponse<ActionDescriptor> failed(int status, String message) {
		return response(status, "FAILED", message);
	}

	private static WebEndpointResponse<ActionDescriptor> response(int status, String outcome, String message) {
		return new WebEndpointResponse<>(new ActionDescriptor(outcome, message), status);
	}

	private static <A extends Enum<A>> A action(Class<A> type, @Nullable String value) {
		return Arrays.stream(type.getEnumConstants())
			.filter((action) -> action.name().equalsIgnoreCase(value))
			.findFirst()
			.orElseThrow(() -> new InvalidParameterException("action", value, choice(type)));
	}

	private static String choice(Class<? extends Enum<?>> type) {
		String words = Arrays.stream(type.getEnumConstants())
			.map((action) -> action.name().toLowerCase(Locale.ROOT))
			.collect(Collectors.joining(", "));
		return words.replaceFirst(", (?=[^,]*$)", " or ");
	}

	/**
	 * Read a number. The arbiter checks its range.
	 */
	private static int number(String name, @Nullable String value) {
		try {
			return Integer.parseInt((value != null) ? value : "");
		}
		catch (NumberFormatException ex) {
			throw new InvalidParameterException(name, value, "a number");
		}
	}

	private static String release(@Nullable String value) {
		if (value == null || value.matches("[0-9a-f]{1,64}")) {
			return (value != null) ? value : "";
		}
		throw new InvalidParameterException("to", value, "the first digits of the key of a release");
	}

	private static long request(@Nullable String value) {
		try {
			return Long.parseLong((value != null) ? value : "");
		}
		catch (NumberFormatException ex) {
			throw new InvalidParameterException("request", value, "a number");
		}
	}

	private static int workers(@Nullable String value) {
		String allowed = "a number from 1 to " + ArbiterSettings.MAX_WORKERS;
		try {
			int workers = Integer.parseInt((value != null) ? value : "");
			if (workers >= 1 && workers <= ArbiterSettings.MAX_WORKERS) {
				return workers;
			}
		}
		catch (NumberFormatException ex) {
			// Falls through to the exception below
		}
		throw new InvalidParameterException("workers", value, allowed);
	}

	private static boolean flag(String name, @Nullable String value) {
		if (value == null || value.equalsIgnoreCase("false")) {
			return false;
		}
		if (value.equalsIgnoreCase("true")) {
			return true;
		}
		throw new InvalidParameterException(name, value, "true or false");
	}

	/**
	 * A parameter that is missing or wrong.
	 */
	private static final class InvalidParameterException extends RuntimeException {

		InvalidParameterException(String name, @Nullable String value, String allowed) {
			super("%s must be %s, %s".formatted(name, allowed, (value == null) ? "and is missing"
					: "not '%s'".formatted(value.substring(0, Math.min(value.length(), MAX_QUOTED)))));
		}

		@Override
		public String getMessage() {
			return String.valueOf(super.getMessage());
		}

	}

}
