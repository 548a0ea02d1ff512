package dev.tomcorn.actuate;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tomcorn.core.scoreboard.WorkerRecord.Stage;
import dev.tomcorn.core.status.WorkerDescriptor;
import dev.tomcorn.request.RequestSnapshot;
import org.jspecify.annotations.Nullable;

/**
 * A worker with its requests in flight.
 *
 * @param worker the worker
 * @param requests its requests in flight, the oldest first, a thousand at most
 * @param missing why there are no requests, {@code null} if the worker has answered
 */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record WorkerDetailDescriptor(WorkerDescriptor worker, List<RequestDescriptor> requests,
		@Nullable String missing) {

	/**
	 * A request in flight.
	 *
	 * @param id its number in the worker, by which it can be interrupted
	 * @param method its method
	 * @param path its path, without a query string
	 * @param ageMillis time since it began to run, or since it arrived if it has not, in
	 * milliseconds
	 * @param state its stage
	 * @param thread name of the thread that runs it, {@code null} if none does
	 * @param frames the application's frames on its stack, innermost first; empty for all
	 * but the oldest requests
	 */
	@JsonInclude(JsonInclude.Include.ALWAYS)
	public record RequestDescriptor(long id, String method, String path, long ageMillis, Stage state,
			@Nullable String thread, List<String> frames) {

		static RequestDescriptor of(RequestSnapshot request) {
			return new RequestDescriptor(request.number(), request.method(), request.path(), request.age().toMillis(),
					request.stage(), (request.stage() != Stage.SUSPENDED) ? request.thread() : null, request.frames());
		}

	}

}
