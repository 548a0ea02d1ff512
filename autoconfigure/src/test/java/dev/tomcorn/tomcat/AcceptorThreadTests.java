package dev.tomcorn.tomcat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.tomcorn.core.listener.DescriptorServer;
import dev.tomcorn.core.listener.ListeningSocket;
import dev.tomcorn.core.listener.ReceivedListener;
import dev.tomcorn.core.scoreboard.Scoreboard;
import dev.tomcorn.core.scoreboard.WorkerSlot;
import dev.tomcorn.core.scoreboard.WorkerState;
import dev.tomcorn.request.RequestsInFlight;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests for a supervised worker that runs one request at a time. Its acceptor serves a
 * connection whose request has arrived when it is taken.
 */
@EnabledOnOs(OS.LINUX)
class AcceptorThreadTests {

	private static final int PATIENCE = 60_000;

	@TempDir
	private Path directory;

	private final List<Socket> sockets = new ArrayList<>();

	private final Semaphore held = new Semaphore(0);

	private final Semaphore released = new Semaphore(0);

	private final AtomicInteger running = new AtomicInteger();

	private final AtomicBoolean together = new AtomicBoolean();

	private final AtomicBoolean unplanned = new AtomicBoolean();

	private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

	private volatile @Nullable Thread holder;

	private volatile boolean interrupted;

	private volatile boolean leavesInterrupt;

	private ListeningSocket socket;

	private DescriptorServer descriptorServer;

	private WorkerSlot slot;

	private AcceptGate gate;

	private TomcornProtocol protocol;

	private Tomcat tomcat;

	@BeforeEach
	void start() throws Exception {
		Path path = this.directory.resolve("run").resolve("accept.sock");
		Files.createDirectory(path.getParent());
		this.socket = ListeningSocket.openFurther(InetAddress.getLoopbackAddress(), 0, 100);
		this.descriptorServer = DescriptorServer.open(path, this.socket);
		ReceivedListener listener = ReceivedListener.receive(path);
		listener.resume();
		Scoreboard scoreboard = Scoreboard.create(this.directory.resolve("scoreboard"), 2, 1);
		this.slot = scoreboard.claim(0, 0, 1, 1);
		this.slot.setState(WorkerState.READY);
		SyncWorkerModel model = new SyncWorkerModel();
		this.gate = new AcceptGate(scoreboard, this.slot, model.concurrency(), listener::awaitWaitingConnection,
				() -> 0);
		this.protocol = new TomcornProtocol();
		this.protocol.attach(new Counts(this.slot, scoreboard.listenerQueue(), List.of(),
				new RequestsInFlight().figures(), model.concurrency()), this.gate, listener, null,
				() -> this.unplanned.set(true));
		this.protocol.setPort(this.socket.localAddress().getPort());
		this.protocol.setMaxKeepAliveRequests(1);
		model.configure(this.protocol);
		this.tomcat = new Tomcat();
		this.tomcat.setBaseDir(this.directory.toString());
		this.tomcat.setConnector(new Connector(this.protocol));
		Context context = this.tomcat.addContext("", null);
		Tomcat.addServlet(context, "servlet", new Holder()).addMapping("/*");
		this.tomcat.start();
		this.gate.open();
	}

	@AfterEach
	void stop() throws Exception {
		this.released.release(1000);
		for (Socket client : this.sockets) {
			client.close();
		}
		this.protocol.stopAccepting();
		this.tomcat.stop();
		this.tomcat.destroy();
		this.descriptorServer.close();
		this.socket.close();
	}

	@Test
	void acceptorServesWhatIsThereAndWaitsForNothingBetween() throws Exception {
		holdOnTheAcceptor();
		List<Socket> queued = new ArrayList<>();
		for (int request = 0; request < 50; request++) {
			queued.add(send("/plain"));
		}
		this.threads.clear();
		long before = this.gate.wakeUps();
		this.released.release();
		for (Socket client : queued) {
			assertThat(answer(client)).endsWith("plain");
		}
		assertThat(this.threads).extracting(Thread::getName).singleElement().asString().endsWith("-exec-0");
		assertThat(this.gate.wakeUps()).as("times that it woke without taking a connection").isEqualTo(before);
		await().until(() -> this.slot.busy() == 0 && this.slot.openConnections() == 0);
	}

	@Test
	void interruptThatARequestLeavesEndsNothing() throws Exception {
		Thread acceptor = holdOnTheAcceptor();
		this.leavesInterrupt = true;
		this.released.release();
		await().until(() -> this.slot.busy() == 0);
		acceptor.interrupt();
		this.leavesInterrupt = false;
		assertThat(answer(send("/plain"))).endsWith("plain");
		assertThat(this.interrupted).isFalse();
		assertThat(this.unplanned).isFalse();
		assertThat(acceptor.isAlive()).isTrue();
	}

	@Test
	void interruptReachesTheRequestThatIsServed() throws Exception {
		holdOnTheAcceptor().interrupt();
		await().until(() -> this.interrupted);
		assertThat(answer(send("/plain"))).endsWith("plain");
	}

	@Test
	void requestOfALateClientWaitsForTheOneThatIsServed() throws Exception {
		Socket late = open();
		await().until(() -> this.slot.openConnections() == 1 && this.slot.busy() == 0);
		holdOnTheAcceptor();
		write(late, "/plain");
		await().until(() -> Thread.getAllStackTraces()
			.entrySet()
			.stream()
			.anyMatch((entry) -> entry.getKey().getState() == Thread.State.WAITING && Arrays.stream(entry.getValue())
				.anyMatch((frame) -> frame.getClassName().equals(CountingExecutor.class.getName()))));
		assertThat(this.running).hasValue(1);
		this.released.release();
		assertThat(answer(late)).endsWith("plain");
		assertThat(this.together).isFalse();
	}

	@Test
	void requestThatIsServedHoldsUpNoEndOfAccepting() throws Exception {
		holdOnTheAcceptor();
		Socket served = this.sockets.getLast();
		this.protocol.stopAccepting();
		assertThat(this.running).hasValue(1);
		this.released.release();
		assertThat(answer(served)).endsWith("held");
		assertThat(this.unplanned).isFalse();
	}

	@Test
	void requestThatIsServedIsInterruptedWhenTheConnectorStops() throws Exception {
		holdOnTheAcceptor();
		this.protocol.stopAccepting();
		this.tomcat.getConnector().stop();
		assertThat(this.interrupted).isTrue();
	}

	/**
	 * Tomcat's writes clear an interrupt of the application, but one may follow the last
	 * write.
	 */
	@Test
	void interruptIsNotLeftAfterServing() throws Exception {
		AtomicBoolean within = new AtomicBoolean();
		AtomicBoolean after = new AtomicBoolean();
		AcceptorThread thread = thread((self) -> {
			self.serve(() -> {
				self.interrupt();
				within.set(self.isInterrupted());
			});
			after.set(self.isInterrupted());
		});
		thread.start();
		thread.join();
		assertThat(within).isTrue();
		assertThat(after).isFalse();
	}

	@Test
	void errorThatEndsAThreadOfAPoolIsToldAndEndsNothingElse() throws Exception {
		AtomicReference<Throwable> told = new AtomicReference<>();
		AtomicBoolean goesOn = new AtomicBoolean();
		AcceptorThread thread = thread((self) -> {
			self.serve(() -> {
				throw new OutOfMemoryError("staged");
			});
			goesOn.set(true);
		});
		thread.setUncaughtExceptionHandler((_, error) -> told.set(error));
		thread.start();
		thread.join();
		assertThat(goesOn).isTrue();
		assertThat(told.get()).isInstanceOf(OutOfMemoryError.class).hasMessage("staged");
		assertThat(thread.isServing()).isFalse();
	}

	private static AcceptorThread thread(Consumer<AcceptorThread> acceptor) {
		return new AcceptorThread(() -> acceptor.accept((AcceptorThread) Thread.currentThread()), "test",
				Thread.NORM_PRIORITY, true);
	}

	private void hold() throws Exception {
		send("/held");
		assertThat(this.held.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS)).isTrue();
	}

	/**
	 * The request of a connection that waits while another is served has arrived when the
	 * connection is taken.
	 */
	private Thread holdOnTheAcceptor() throws Exception {
		hold();
		send("/held");
		this.released.release();
		assertThat(this.held.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS)).isTrue();
		Thread thread = this.holder;
		assertThat(thread).isInstanceOf(AcceptorThread.class);
		return thread;
	}

	private Socket open() throws IOException {
		Socket client = new Socket(InetAddress.getLoopbackAddress(), this.socket.localAddress().getPort());
		client.setSoTimeout(PATIENCE);
		this.sockets.add(client);
		return client;
	}

	private Socket send(String path) throws IOException {
		Socket client = open();
		write(client, path);
		return client;
	}

	private static void write(Socket client, String path) throws IOException {
		client.getOutputStream()
			.write("GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path).getBytes(StandardCharsets.US_ASCII));
	}

	private static String answer(Socket client) throws IOException {
		return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
	}

	private final class Holder extends HttpServlet {

		@Override
		protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
			if (AcceptorThreadTests.this.running.incrementAndGet() > 1) {
				AcceptorThreadTests.this.together.set(true);
			}
			AcceptorThreadTests.this.threads.add(Thread.currentThread());
			AcceptorThreadTests.this.interrupted = Thread.currentThread().isInterrupted();
			try {
				if (request.getRequestURI().equals("/held")) {
					hold();
				}
				response.getOutputStream().print(request.getRequestURI().substring(1));
			}
			finally {
				AcceptorThreadTests.this.running.decrementAndGet();
			}
			if (AcceptorThreadTests.this.leavesInterrupt) {
				response.flushBuffer();
				Thread.currentThread().interrupt();
			}
		}

		private void hold() {
			AcceptorThreadTests.this.holder = Thread.currentThread();
			AcceptorThreadTests.this.held.release();
			try {
				AcceptorThreadTests.this.released.tryAcquire(PATIENCE, TimeUnit.MILLISECONDS);
			}
			catch (InterruptedException ex) {
				AcceptorThreadTests.this.interrupted = true;
			}
		}

	}

}
