package dev.tomcorn.core.control;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;

import dev.tomcorn.core.arbiter.Command;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import dev.tomcorn.core.arbiter.Answer;
import dev.tomcorn.core.arbiter.ArbiterSettings;
import dev.tomcorn.core.arbiter.Event;
import dev.tomcorn.core.arbiter.Operation;
import dev.tomcorn.core.arbiter.Requester;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.awaitility.Awaitility.await;

class ControlServerTests {

	private static final String TOKEN = "3c5f0a9e-0d2b-4a53-9a0f-6d1f3f7a2b11";

	private static final Duration BOOT = Duration.ofMillis(1800);

	private static final ArbiterSettings SETTINGS = new ArbiterSettings(3, 1, 2, 3, Duration.ofSeconds(60),
			Duration.ofSeconds(30), Duration.ofSeconds(20), Duration.ofSeconds(10), ArbiterSettings.RECORD_LIMIT);

	private static final Operation RELOAD = new Operation.Reload(true);

	private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();

	private final BlockingQueue<String> dumped = new LinkedBlockingQueue<>();

	private final List<Closeable> open = new ArrayList<>();

	private Path socket;

	private ControlServer server;

	@BeforeEach
	void openServer(@TempDir Path directory) throws IOException {
		this.socket = directory.resolve("s");
		this.server = ControlServer.open(this.socket, TOKEN, this.events::add,
				(folder, age) -> this.dumped.add(age + " " + folder),
				(name, text) -> this.dumped.add(name + ": " + text),
				(facts, age) -> this.dumped.add(age + " " + new String(facts, StandardCharsets.UTF_8)));
		this.open.add(this.server);
	}

	@AfterEach
	void closeAll() throws IOException {
		for (Closeable closeable : this.open) {
			closeable.close();
		}
	}

	@Test
	void workerWithTheTokenIsHeard() throws Exception {
		this.server.expect(5);
		ControlClient client = ControlClient.connect(this.socket, 5, TOKEN);
		client.send(new Message.Told(new Event.Ready(0, BOOT, SETTINGS)));
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		client.send(new Message.Told(new Event.Draining(0)));
		assertThat(nextEvent()).isEqualTo(new Event.Draining(5));
	}

	@ParameterizedTest
	@MethodSource
	void workerThatDoesNotShowTheTokenIsCutOff(String shown) throws Exception {
		this.server.expect(5);
		assertThat(isCutOff(connect(hello(5, shown), ready()))).isTrue();
		assertThat(this.events).isEmpty();
		assertThat(this.server.send(5, new Message.Told(new Event.Draining(0)))).isFalse();
	}

	static List<String> workerThatDoesNotShowTheTokenIsCutOff() {
		return List.of("", "wrong", TOKEN + "x", TOKEN.substring(1), TOKEN.toUpperCase(Locale.ROOT), "x".repeat(500));
	}

	@Test
	void wrongTokenDoesNotUseUpTheRightOne() throws Exception {
		this.server.expect(5);
		assertThat(isCutOff(connect(hello(5, "wrong")))).isTrue();
		connect(hello(5, TOKEN), ready());
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
	}

	@Test
	void workerThatIsNotExpectedIsCutOff() throws Exception {
		this.server.expect(5);
		assertThat(isCutOff(connect(hello(6, TOKEN), ready()))).isTrue();
		assertThat(this.events).isEmpty();
	}

	@Test
	void secondWorkerOfTheSameAgeIsCutOffAndTheFirstIsNot() throws Exception {
		this.server.expect(5);
		SocketChannel first = connect(hello(5, TOKEN));
		await().until(() -> this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
		assertThat(isCutOff(connect(hello(5, TOKEN), ready()))).isTrue();
		assertThat(this.events).isEmpty();
		write(first, ready());
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		assertThat(this.server.send(5, new Message.Order(new Command.Stop(0, BOOT)))).isTrue();
	}

	@ParameterizedTest
	@MethodSource
	void connectionThatBeginsWithAnythingButHelloIsCutOff(byte[] bytes) throws Exception {
		this.server.expect(5);
		assertThat(isCutOff(connect(bytes, hello(5, TOKEN), ready()))).isTrue();
		assertThat(this.events).isEmpty();
	}

	static List<byte[]> connectionThatBeginsWithAnythingButHelloIsCutOff() {
		return List.of(ready(), bytes(new Message.Told(new Event.Draining(0))),
				bytes(new Message.Order(new Command.Stop(0, BOOT))), new byte[] { 0, 0 }, new byte[] { 32, 1 },
				new byte[] { 0, 1, 99 }, "GET / HTTP/1.1\r\n\r\n".getBytes());
	}

	@ParameterizedTest
	@MethodSource
	void workerThatSendsWhatIsNotItsToSayIsCutOffAndNoLongerReached(byte[] bytes) throws Exception {
		this.server.expect(5);
		assertThat(isCutOff(connect(hello(5, TOKEN), ready(), bytes))).isTrue();
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		await().until(() -> !this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
		assertThat(this.events).isEmpty();
	}

	static List<byte[]> workerThatSendsWhatIsNotItsToSayIsCutOffAndNoLongerReached() {
		return List.of(bytes(new Message.Order(new Command.Stop(0, BOOT))), hello(5, TOKEN), new byte[] { 0, 0 },
				new byte[] { 0, 1, 99 }, bytes(new Message.Told(new Event.Ready(0, Duration.ofMillis(-1), SETTINGS))));
	}

	@Test
	void workerThatIsGoneIsNoLongerReached() throws Exception {
		this.server.expect(5);
		SocketChannel channel = connect(hello(5, TOKEN), ready());
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		channel.close();
		await().until(() -> !this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
	}

	@Test
	void floodOfGarbageDoesNotKeepAWorkerFromReportingReady() throws Exception {
		long seed = System.nanoTime();
		// More connections than the limit
		CountDownLatch flooding = new CountDownLatch(600);
		List<Thread> floods = new ArrayList<>();
		for (int number = 0; number < 4; number++) {
			Random random = new Random(seed + number);
			floods.add(Thread.ofPlatform().start(() -> flood(random, flooding)));
		}
		flooding.await();
		this.server.expect(5);
		ControlClient client = ControlClient.connect(this.socket, 5, TOKEN);
		client.send(new Message.Told(new Event.Ready(0, BOOT, SETTINGS)));
		assertThat(nextEvent()).as("seed %d", seed).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		floods.forEach(Thread::interrupt);
		for (Thread flood : floods) {
			flood.join();
		}
		assertThat(this.events).as("seed %d", seed).isEmpty();
	}

	private void flood(Random random, CountDownLatch flooding) {
		while (!Thread.currentThread().isInterrupted()) {
			byte[] garbage = new byte[1 + random.nextInt(3000)];
			random.nextBytes(garbage);
			try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.socket))) {
				channel.write(ByteBuffer.wrap(garbage));
			}
			catch (IOException ex) {
				// Cut off already
			}
			flooding.countDown();
		}
	}

	@Test
	void connectionsThatSayNothingDoNotKeepAWorkerOut() throws Exception {
		for (int number = 0; number < 50; number++) {
			connect(new byte[] { 0 });
		}
		this.server.expect(5);
		connect(hello(5, TOKEN), ready());
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
	}

	@Test
	void messagesReachTheRightWorkerInOrder() throws Exception {
		BlockingQueue<Message> first = new LinkedBlockingQueue<>();
		BlockingQueue<Message> second = new LinkedBlockingQueue<>();
		listen(1, first, () -> {
		});
		listen(2, second, () -> {
		});
		await().until(() -> this.server.send(1, new Message.Order(new Command.Stop(0, Duration.ofSeconds(1)))));
		await().until(() -> this.server.send(2, new Message.Order(new Command.Stop(0, Duration.ofSeconds(2)))));
		assertThat(this.server.send(1, new Message.Order(new Command.Stop(0, Duration.ZERO)))).isTrue();
		assertThat(first.take()).isEqualTo(new Message.Order(new Command.Stop(0, Duration.ofSeconds(1))));
		assertThat(first.take()).isEqualTo(new Message.Order(new Command.Stop(0, Duration.ZERO)));
		assertThat(second.take()).isEqualTo(new Message.Order(new Command.Stop(0, Duration.ofSeconds(2))));
		assertThat(second).isEmpty();
	}

	@Test
	void workerThatNeverConnectedIsNotReached() {
		this.server.expect(5);
		assertThat(this.server.send(5, new Message.Order(new Command.Stop(0, BOOT)))).isFalse();
	}

	@Test
	void workerThatDoesNotReadIsCutOffWithoutAWait() throws Exception {
		this.server.expect(5);
		SocketChannel channel = connect(hello(5, TOKEN));
		await().until(() -> this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			for (int number = 0; number < 10; number++) {
				this.server.send(5, new Message.Order(new Command.Stop(0, BOOT)));
			}
			return !this.server.send(5, new Message.Order(new Command.Stop(0, BOOT)));
		});
		assertThat(isCutOff(channel)).isTrue();
	}

	@Test
	void forgottenWorkerIsCutOff() throws Exception {
		CountDownLatch gone = new CountDownLatch(1);
		listen(5, new LinkedBlockingQueue<>(), gone::countDown);
		await().until(() -> this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
		this.server.forget(5);
		gone.await();
		assertThat(this.server.send(5, new Message.Order(new Command.Stop(0, BOOT)))).isFalse();
	}

	@Test
	void workerThatWasForgottenBeforeItConnectedIsCutOff() throws Exception {
		this.server.expect(5);
		this.server.forget(5);
		assertThat(isCutOff(connect(hello(5, TOKEN), ready()))).isTrue();
		assertThat(this.events).isEmpty();
	}

	@Test
	void clientHearsThatTheArbiterIsGone() throws Exception {
		CountDownLatch gone = new CountDownLatch(1);
		listen(5, new LinkedBlockingQueue<>(), gone::countDown);
		await().until(() -> this.server.send(5, new Message.Order(new Command.Stop(0, BOOT))));
		assertThat(gone.getCount()).isOne();
		this.server.close();
		gone.await();
	}

	@Test
	void clientThatIsNotLetInIsToldSo() {
		this.server.expect(5);
		assertThatIOException()
			.isThrownBy(() -> ControlClient.connect(this.socket, 5, "wrong", 2, Duration.ofMinutes(1)))
			.withMessage("The arbiter refuses this worker");
	}

	private void listen(long age, BlockingQueue<Message> messages, Runnable arbiterGone) throws IOException {
		this.server.expect(age);
		ControlClient.connect(this.socket, age, TOKEN).listen(messages::add, arbiterGone);
	}

	private Event nextEvent() throws InterruptedException {
		return this.events.take();
	}

	private SocketChannel connect(byte[]... parts) throws IOException {
		SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(this.socket));
		this.open.add(channel);
		try {
			write(channel, parts);
		}
		catch (IOException ex) {
			// Cut off while the parts were written
		}
		return channel;
	}

	private static void write(SocketChannel channel, byte[]... parts) throws IOException {
		for (byte[] part : parts) {
			channel.write(ByteBuffer.wrap(part));
		}
	}

	/**
	 * Read until the other side ends the connection.
	 */
	private static boolean isCutOff(SocketChannel channel) {
		ByteBuffer buffer = ByteBuffer.allocate(1024);
		try {
			while (channel.read(buffer) >= 0) {
				buffer.clear();
			}
			return true;
		}
		catch (IOException ex) {
			// A reset; an interrupt, which is this test's timeout, closes the channel
			return channel.isOpen();
		}
	}

	private static byte[] hello(long age, String token) {
		return bytes(new Message.Hello(age, token));
	}

	private static byte[] ready() {
		return bytes(new Message.Told(new Event.Ready(0, BOOT, SETTINGS)));
	}

	private static byte[] bytes(Message message) {
		ByteBuffer buffer = MessageCodec.encode(message);
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	@Test
	void everyKindOfNewsOfAWorkerBecomesAnEvent() throws Exception {
		this.server.expect(5);
		ControlClient client = ControlClient.connect(this.socket, 5, TOKEN);
		client.send(new Message.Told(new Event.BootFailed(0, "no bean")));
		client.send(new Message.Told(new Event.Recycle(0, "too old")));
		client.send(new Message.Request(9, RELOAD));
		client.send(new Message.Dumped("/incidents/1"));
		client.send(new Message.Warning("sessions", "in memory"));
		assertThat(nextEvent()).isEqualTo(new Event.BootFailed(5, "no bean"));
		assertThat(nextEvent()).isEqualTo(new Event.Recycle(5, "too old"));
		assertThat(nextEvent()).isEqualTo(new Event.Requested(new Requester(5, 9), RELOAD));
		assertThat(this.dumped.take()).isEqualTo("5 /incidents/1");
		assertThat(this.dumped.take()).isEqualTo("sessions: in memory");
		assertThat(this.events).isEmpty();
	}

	@Test
	void workerThatIsLetInIsWelcomed() throws Exception {
		this.server.expect(5);
		SocketChannel channel = connect(hello(5, TOKEN));
		DataInputStream in = new DataInputStream(Channels.newInputStream(channel));
		assertThat(MessageCodec.read(in)).isEqualTo(new Message.Welcome());
	}

	@Test
	void floodOfSilentConnectionsKeepsNoWorkerOut() throws Exception {
		CountDownLatch flooding = new CountDownLatch(300);
		Thread flood = Thread.ofPlatform().start(() -> {
			List<SocketChannel> silent = new ArrayList<>();
			while (!Thread.currentThread().isInterrupted()) {
				try {
					silent.add(SocketChannel.open(UnixDomainSocketAddress.of(this.socket)));
					if (silent.size() > 200) {
						silent.removeFirst().close();
					}
				}
				catch (IOException ex) {
					// The arbiter is at its limit
				}
				flooding.countDown();
			}
			silent.forEach(this::closeQuietly);
		});
		try {
			flooding.await();
			this.server.expect(5);
			ControlClient.connect(this.socket, 5, TOKEN).send(new Message.Told(new Event.Draining(0)));
			assertThat(nextEvent()).isEqualTo(new Event.Draining(5));
		}
		finally {
			flood.interrupt();
			flood.join();
		}
	}

	private void closeQuietly(SocketChannel channel) {
		try {
			channel.close();
		}
		catch (IOException ex) {
			// Cut off already
		}
	}

	@Test
	void oldestOfTooManySilentConnectionsIsCutOff() throws Exception {
		SocketChannel oldest = connect();
		for (int number = 0; number < 64; number++) {
			connect();
		}
		assertThat(isCutOff(oldest)).isTrue();
	}

	@Test
	void workerIsNotCountedAmongTheSilentOnes() throws Exception {
		this.server.expect(5);
		SocketChannel worker = connect(hello(5, TOKEN), ready());
		assertThat(nextEvent()).isEqualTo(new Event.Ready(5, BOOT, SETTINGS));
		for (int number = 0; number < 100; number++) {
			connect();
		}
		write(worker, bytes(new Message.Told(new Event.Draining(0))));
		assertThat(nextEvent()).isEqualTo(new Event.Draining(5));
	}

	@Test
	void workerThatTellsMoreThanASaneOneIsCutOff() throws Exception {
		this.server.expect(5);
		SocketChannel channel = connect(hello(5, TOKEN));
		byte[] news = bytes(new Message.Request(1, RELOAD));
		byte[][] flood = new byte[100][];
		Arrays.fill(flood, news);
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			try {
				write(channel, flood);
				return false;
			}
			catch (IOException ex) {
				return true;
			}
		});
		assertThat(this.server.send(5, new Message.Order(new Command.Serve(0)))).isFalse();
	}

	@Test
	void workerThatTellsALotInAMinuteIsHeard() throws Exception {
		this.server.expect(5);
		ControlClient client = ControlClient.connect(this.socket, 5, TOKEN);
		for (int number = 1; number <= 150; number++) {
			client.send(new Message.Request(number, RELOAD));
			assertThat(nextEvent()).isEqualTo(new Event.Requested(new Requester(5, number), RELOAD));
		}
	}

	@Test
	void otherArbiterTakesOverWithTheToken() throws Exception {
		assertThat(ControlClient.takeOver(this.socket, TOKEN)).as("heard").isTrue();
		assertThat(nextEvent()).isEqualTo(new Event.SuccessorReady());
	}

	@Test
	void otherArbiterWithoutTheTokenDoesNot() throws Exception {
		assertThat(isCutOff(connect(bytes(new Message.TakeOver("wrong"))))).isTrue();
		assertThat(this.events).isEmpty();
	}

	@Test
	void messagesThatWereTamperedWithHarmNobodyElse() throws Exception {
		long seed = System.nanoTime();
		Random random = new Random(seed);
		List<Message> messages = MessageCodecTests.messages().toList();
		this.server.expect(1);
		SocketChannel sane = connect(hello(1, TOKEN));
		for (long age = 2; age <= 120; age++) {
			this.server.expect(age);
			byte[] bytes = MessageCodecTests.tamperedWith(bytes(messages.get(random.nextInt(messages.size()))), random);
			// Half of them after they were accepted
			SocketChannel channel = random.nextBoolean() ? connect(hello(age, TOKEN), bytes) : connect(bytes);
			channel.shutdownOutput();
			assertThat(isCutOff(channel)).as("seed %d", seed).isTrue();
		}
		this.events.clear();
		write(sane, ready());
		assertThat(nextEvent()).as("seed %d", seed).isEqualTo(new Event.Ready(1, BOOT, SETTINGS));
	}

}
