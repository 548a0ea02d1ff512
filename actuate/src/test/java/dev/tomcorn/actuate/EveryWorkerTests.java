package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.peer.PeerChannel;
import dev.tomcorn.peer.PeerServer;
import dev.tomcorn.peer.Peers;
import dev.tomcorn.peer.RunDirectoryWatch;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.LifecycleException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.mock.web.MockFilterChain;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EveryWorker}: requests that change something, with three workers. The
 * first has the filter.
 */
@Execution(ExecutionMode.CONCURRENT)
class EveryWorkerTests {

	/**
	 * Marks an answer of this worker.
	 */
	private static final int OWN = 299;

	private final List<PeerServer> servers = new ArrayList<>();

	private final ConcurrentLinkedQueue<String> done = new ConcurrentLinkedQueue<>();

	private final Map<Integer, Integer> statuses = new ConcurrentHashMap<>(Map.of(0, 200, 1, 200, 2, 200));

	private final List<Operation> asked = new ArrayList<>();

	private Answer arbiter = new Answer(Answer.Outcome.STARTED, "Reloading");

	@TempDir
	private Path directory;

	private Scoreboard scoreboard;

	private WorkerSelectionFilter filter;

	@BeforeEach
	void start() throws IOException, LifecycleException {
		this.scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 8, 1);
		for (int index = 0; index < 3; index++) {
			this.scoreboard.claim(index, index, index + 1, 1).setState(WorkerState.READY);
			Path files = Files.createDirectory(this.directory.resolve("tomcat" + index));
			this.servers.add(new PeerServer(files, new Worker(index))
				.open(new PeerChannel(new Peers(this.scoreboard, this.scoreboard.slot(index), this.directory),
						this.directory, new RunDirectoryWatch(), Stream::empty)));
		}
		this.filter = new WorkerSelectionFilter(new Peers(this.scoreboard, this.scoreboard.slot(0), this.directory),
				() -> Stream.of("caches", "quartz", "restart", "own")
					.map((id) -> new ManagementEndpoint(id, "/actuator/" + id, true))
					.toList(),
				(operation) -> {
					this.asked.add(operation);
					return CompletableFuture.completedFuture(this.arbiter);
				});
	}

	@AfterEach
	void stop() throws LifecycleException {
		for (PeerServer server : this.servers) {
			server.close();
		}
	}

	private MockHttpServletResponse send(String method, String path, String query)
			throws IOException, ServletException {
		MockHttpServletRequest request = new MockHttpServletRequest(method, path);
		request.setServletPath(path);
		request.setQueryString(query.isEmpty() ? null : query);
		request.setContent("{}".getBytes(StandardCharsets.UTF_8));
		MockHttpServletResponse response = new MockHttpServletResponse();
		MockFilterChain chain = new MockFilterChain();
		// No process sends their heartbeats, and a machine may be slow
		this.scoreboard.slots().forEach(WorkerSlot::beat);
		this.filter.doFilter(request, response, chain);
		if (chain.getRequest() != null) {
			response.setStatus(OWN);
		}
		return response;
	}

	@Test
	void everyWorkerDoesWhatChangesItsOwnState() throws Exception {
		MockHttpServletResponse response = send("DELETE", "/actuator/caches/books", "cacheManager=a%20b");
		assertThat(response.getStatus()).isEqualTo(200);
		assertThat(response.getContentAsString()).isEqualTo("by 0");
		assertThat(response.getHeader("Tomcorn-Workers")).isEqualTo("0, 1, 2");
		assertThat(response.getHeader("Tomcorn-Worker")).isEqualTo("0");
		assertThat(this.done).containsExactlyInAnyOrder("0 DELETE /actuator/caches/books?cacheManager=a%20b {}",
				"1 DELETE /actuator/caches/books?cacheManager=a%20b {}",
				"2 DELETE /actuator/caches/books?cacheManager=a%20b {}");
	}

	@Test
	void oneWorkerAnswersWhatOnlyReadsOrNamesIt() throws Exception {
		assertThat(send("GET", "/actuator/caches", "").getStatus()).isEqualTo(OWN);
		assertThat(send("DELETE", "/actuator/caches", "worker=0").getStatus()).isEqualTo(OWN);
		assertThat(send("DELETE", "/actuator/caches", "worker=2").getContentAsString()).isEqualTo("by 2");
		assertThat(this.done).hasSize(1);
	}

	@Test
	void oneWorkerDoesWhatAnApplicationsOwnEndpointIsAskedFor() throws Exception {
		assertThat(send("POST", "/actuator/own", "").getStatus()).isEqualTo(OWN);
		assertThat(this.done).isEmpty();
	}

	@Test
	void whatTheFirstRefusesIsNotForwarded() throws Exception {
		this.statuses.put(0, 400);
		MockHttpServletResponse response = send("DELETE", "/actuator/caches", "");
		assertThat(response.getStatus()).isEqualTo(400);
		assertThat(response.getHeader("Tomcorn-Workers")).isNull();
		assertThat(this.done).hasSize(1);
	}

	@Test
	void workerThatFailsIsNamed() throws Exception {
		this.statuses.put(1, 500);
		this.scoreboard.claim(3, 3, 4, 1).setState(WorkerState.READY);
		MockHttpServletResponse response = send("DELETE", "/actuator/caches", "");
		assertThat(response.getStatus()).isEqualTo(503);
		assertThat(response.getContentAsString()).contains("Done by 2 of 4 workers", "worker 1 (pid", "answers 500",
				"worker 3 (pid", "does not answer");
		assertThat(response.getHeader("Tomcorn-Workers")).isEqualTo("0, 2");
	}

	/**
	 * A cache is made when it is first used.
	 */
	@Test
	void itIsEnoughIfOneKnowsWhatTheRequestIsAbout() throws Exception {
		this.statuses.putAll(Map.of(0, 404, 1, 204, 2, 404));
		MockHttpServletResponse response = send("DELETE", "/actuator/caches/books", "");
		assertThat(response.getStatus()).isEqualTo(204);
		assertThat(response.getHeader("Tomcorn-Workers")).isEqualTo("1");
		this.statuses.put(1, 404);
		response = send("DELETE", "/actuator/caches/books", "");
		assertThat(response.getStatus()).isEqualTo(404);
		assertThat(response.getHeader("Tomcorn-Workers")).isNull();
	}

	@Test
	void workerThatStandsByDoesItTooAndOneThatBeginsOrEndsDoesNot() throws Exception {
		this.scoreboard.slot(0).setState(WorkerState.DRAINING);
		this.scoreboard.slot(1).setState(WorkerState.STANDBY);
		this.scoreboard.claim(3, 3, 4, 1).setState(WorkerState.STARTING);
		MockHttpServletResponse response = send("DELETE", "/actuator/caches", "");
		assertThat(response.getHeader("Tomcorn-Workers")).isEqualTo("1, 2");
		assertThat(response.getStatus()).isEqualTo(200);
	}

	@Test
	void theOnlyWorkerAnswersItself() throws Exception {
		this.scoreboard.slot(1).setState(WorkerState.VACANT);
		this.scoreboard.slot(2).setState(WorkerState.DRAINING);
		assertThat(send("DELETE", "/actuator/caches", "").getStatus()).isEqualTo(OWN);
	}

	@Test
	void theLeaderTriggersJobs() throws Exception {
		assertThat(send("POST", "/actuator/quartz/jobs/a/b", "").getStatus()).as("without a leader").isEqualTo(OWN);
		this.scoreboard.slot(2).setLeader(true);
		assertThat(send("POST", "/actuator/quartz/jobs/a/b", "").getContentAsString()).isEqualTo("by 2");
		assertThat(send("GET", "/actuator/quartz", "").getStatus()).isEqualTo(OWN);
		assertThat(this.done).hasSize(1);
	}

	@Test
	void restartBecomesAReload() throws Exception {
		MockHttpServletResponse response = send("POST", "/actuator/restart", "");
		assertThat(response.getStatus()).isEqualTo(200);
		assertThat(response.getContentAsString()).isEqualTo("{\"message\":\"Restarting\"}");
		send("POST", "/actuator/restart", "worker=1");
		assertThat(this.asked).containsExactly(new Operation.Reload(false), new Operation.Reload(false));
		this.arbiter = Answer.failed("A reload is under way");
		response = send("POST", "/actuator/restart", "");
		assertThat(response.getStatus()).isEqualTo(409);
		assertThat(response.getContentAsString()).contains("A reload is under way");
		assertThat(send("DELETE", "/actuator/restart", "").getStatus()).isEqualTo(405);
		assertThat(this.done).isEmpty();
	}

	/**
	 * Carries out the request, and answers as the test sets.
	 */
	private final class Worker extends HttpServlet {

		private static final long serialVersionUID = 1L;

		private final int index;

		Worker(int index) {
			this.index = index;
		}

		@Override
		protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
			String query = (request.getQueryString() != null) ? "?" + request.getQueryString() : "";
			EveryWorkerTests.this.done
				.add("%d %s %s%s %s".formatted(this.index, request.getMethod(), request.getRequestURI(), query,
						new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8)));
			response.setStatus(EveryWorkerTests.this.statuses.get(this.index));
			response.setHeader("Tomcorn-Worker", Integer.toString(this.index));
			if (response.getStatus() != HttpServletResponse.SC_NO_CONTENT) {
				response.getWriter().print("by " + this.index);
			}
		}

	}

}
