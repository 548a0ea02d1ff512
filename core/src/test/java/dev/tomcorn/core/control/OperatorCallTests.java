package dev.tomcorn.core.control;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeoutException;

import dev.tomcorn.core.arbiter.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

@Execution(ExecutionMode.CONCURRENT)
class OperatorCallTests {

	private static final Operation SCALE = new Operation.Scale(3, false);

	private static final Answer ANSWER = new Answer(Answer.Outcome.STARTED, "Scaling from 2 to 3 workers");

	private static final Duration LONG = Duration.ofMinutes(2);

	private static final Duration SHORT = Duration.ofMillis(200);

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	private final List<Closeable> open = new ArrayList<>();

	private Path socket;

	private ControlServer server;

	@BeforeEach
	void openServer(@TempDir Path directory) throws IOException {
		this.socket = directory.resolve("s");
		this.server = ControlServer.open(this.socket, "token", this.events::add, (folder, age) -> {
		}, (name, text) -> {
		}, (facts, age) -> {
		});
		this.open.add(this.server);
	}

	@AfterEach
	void closeAll() throws IOException {
		for (Closeable closeable : this.open) {
			closeable.close();
		}
	}

	@Test
	void operatorIsAnsweredWithoutASecret() throws Exception {
		CompletableFuture<Answer> answer = ask(SCALE);
		Event.Requested asked = nextAsked();
		assertThat(asked.operation()).isEqualTo(SCALE);
		assertThat(asked.requester().client()).isNegative();
		this.server.reply(asked.requester(), ANSWER);
		assertThat(answer.get()).isEqualTo(ANSWER);
	}

	@Test
	void severalOperatorsAreEachAnsweredForThemselves() throws Exception {
		List<CompletableFuture<Answer>> answers = new ArrayList<>();
		for (int workers = 1; workers <= 5; workers++) {
			answers.add(ask(new Operation.Scale(workers, false)));
		}
		Set<Long> clients = new HashSet<>();
		for (int i = 0; i < 5; i++) {
			Event.Requested asked = nextAsked();
			clients.add(asked.requester().client());
			this.server.reply(asked.requester(), new Answer(Answer.Outcome.SUCCEEDED, asked.operation().toString()));
		}
		assertThat(clients).hasSize(5);
		for (int workers = 1; workers <= 5; workers++) {
			assertThat(answers.get(workers - 1).get().message())
				.isEqualTo(new Operation.Scale(workers, false).toString());
		}
	}

	@Test
	void operatorWhoLeavesWhileItWaitsHarmsNothing() throws Exception {
		Event.Requested asked;
		try (SocketChannel leaving = operator()) {
			leaving.write(MessageCodec.encode(new Message.Request(1, SCALE)));
			asked = nextAsked();
		}
		this.server.reply(asked.requester(), ANSWER);
		CompletableFuture<Answer> answer = ask(SCALE);
		this.server.reply(nextAsked().requester(), ANSWER);
		assertThat(answer.get()).isEqualTo(ANSWER);
	}

	@Test
	void operatorWaitsForAnAnswerNoLongerThanItWants() {
		assertThatExceptionOfType(TimeoutException.class)
			.isThrownBy(() -> OperatorCall.ask(this.socket, SCALE, LONG, SHORT))
			.withMessage("no answer within 0.2 s");
	}

	@Test
	void operatorsBeyondTheLimitAreLetGoUntilOthersLeave() throws Exception {
		List<SocketChannel> idle = new ArrayList<>();
		for (int i = 0; i < Operators.MAX; i++) {
			idle.add(operator());
		}
		assertThat(OperatorCall.ask(this.socket, SCALE, LONG, LONG))
			.isEqualTo(Answer.failed("32 operators are connected already, which is the limit"));
		assertThat(this.events).isEmpty();
		idle.getFirst().close();
		await().untilAsserted(() -> {
			assertThatExceptionOfType(TimeoutException.class)
				.isThrownBy(() -> OperatorCall.ask(this.socket, SCALE, LONG, SHORT));
		});
	}

	@Test
	void operatorWhoSaysWhatOnlyWorkersSayIsCutOff() throws Exception {
		SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.socket));
		this.open.add(channel);
		channel.write(MessageCodec.encode(new Message.Operator()));
		channel.write(MessageCodec.encode(new Message.Told(new Event.Draining(0))));
		assertThatIsCutOff(channel);
		assertThat(this.events).isEmpty();
	}

	@Test
	void operatorWhoAsksMoreThanASaneOneIsCutOff() throws Exception {
		SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.socket));
		this.open.add(channel);
		channel.write(MessageCodec.encode(new Message.Operator()));
		long begun = System.nanoTime();
		await().until(() -> {
			try {
				for (int number = 0; number < 100; number++) {
					channel.write(MessageCodec.encode(new Message.Request(number, SCALE)));
				}
				return false;
			}
			catch (IOException ex) {
				return true;
			}
		});
		// Received in each second, however many they are
		long seconds = 2 + Duration.ofNanos(System.nanoTime() - begun).toSeconds();
		assertThat(this.events).hasSizeLessThanOrEqualTo((int) seconds * 200);
	}

	@Test
	void workerThatSaysThatItIsAnOperatorIsNot() throws Exception {
		this.server.expect(5);
		ControlClient client = ControlClient.connect(this.socket, 5, "token");
		client.send(new Message.Operator());
		await().until(() -> !this.server.send(5, new Message.Order(new Command.Serve(0))));
	}

	@Test
	void lastAnswerIsSentBeforeTheServerCloses() throws Exception {
		CompletableFuture<Answer> answer = ask(SCALE);
		this.server.reply(nextAsked().requester(), ANSWER);
		this.server.close();
		assertThat(answer.get()).isEqualTo(ANSWER);
	}

	@Test
	void arbiterThatEndsWithoutAnAnswerIsAFailure() throws Exception {
		CompletableFuture<Answer> answer = ask(SCALE);
		nextAsked();
		this.server.close();
		assertThat(answer).failsWithin(Duration.ofMinutes(2))
			.withThrowableOfType(java.util.concurrent.ExecutionException.class)
			.withMessageContaining("ended without an answer");
	}

	@Test
	void arbiterThatDoesNotListenIsNotWaitedForLongerThanWanted(@TempDir Path directory) throws Exception {
		Path frozen = directory.resolve("frozen");
		try (ServerSocketChannel nobody = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
			nobody.bind(UnixDomainSocketAddress.of(frozen), 1);
			// Beyond the queue of the socket, not even connecting succeeds
			for (int attempt = 0; attempt < 4; attempt++) {
				assertThatIOException().isThrownBy(() -> OperatorCall.ask(frozen, SCALE, SHORT, LONG))
					.withMessage("no answer within 0.2 s");
			}
		}
		assertThatIOException().isThrownBy(() -> OperatorCall.ask(frozen, SCALE, LONG, LONG));
	}

	private static void assertThatIsCutOff(SocketChannel channel) {
		await().until(() -> {
			try {
				return channel.read(java.nio.ByteBuffer.allocate(1000)) < 0;
			}
			catch (IOException ex) {
				return true;
			}
		});
	}

	private Event.Requested nextAsked() throws InterruptedException {
		Event event = this.events.take();
		assertThat(event).isInstanceOf(Event.Requested.class);
		return (Event.Requested) event;
	}

	/**
	 * Return the connection of an accepted operator.
	 */
	private SocketChannel operator() throws IOException {
		SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.socket));
		this.open.add(channel);
		channel.write(MessageCodec.encode(new Message.Operator()));
		assertThat(MessageCodec.read(new DataInputStream(Channels.newInputStream(channel))))
			.isEqualTo(new Message.Welcome());
		return channel;
	}

	private CompletableFuture<Answer> ask(Operation operation) {
		CompletableFuture<Answer> answer = new CompletableFuture<>();
		Thread.ofVirtual().start(() -> {
			try {
				answer.complete(OperatorCall.ask(this.socket, operation, LONG, LONG));
			}
			catch (IOException | TimeoutException | InterruptedException ex) {
				answer.completeExceptionally(ex);
			}
		});
		return answer;
	}

}
