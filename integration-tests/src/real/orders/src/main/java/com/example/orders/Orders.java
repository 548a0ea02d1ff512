package com.example.orders;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes orders, and handles each when it comes back from Kafka.
 */
@SpringBootApplication
@RestController
public class Orders {

	static final String TOPIC = "orders";

	private final KafkaTemplate<String, String> kafka;

	private final Path taken;

	private final Path handled;

	Orders(KafkaTemplate<String, String> kafka, @Value("${orders.directory}") Path directory) throws IOException {
		this.kafka = kafka;
		this.taken = Files.createDirectories(directory.resolve("taken"));
		this.handled = Files.createDirectories(directory.resolve("handled"));
	}

	@GetMapping("/order")
	String order() throws Exception {
		String order = UUID.randomUUID().toString();
		this.kafka.send(TOPIC, order, order).get();
		Files.createFile(this.taken.resolve(order));
		return order;
	}

	@KafkaListener(topics = TOPIC)
	void handle(String order) throws IOException {
		Files.writeString(this.handled.resolve(order), "");
	}

	@GetMapping("/open")
	long open() throws IOException {
		try (Stream<Path> orders = Files.list(this.taken)) {
			return orders.filter((order) -> Files.notExists(this.handled.resolve(order.getFileName()))).count();
		}
	}

	public static void main(String[] arguments) throws Exception {
		if (arguments.length == 1 && arguments[0].equals("broker")) {
			Broker.run();
		}
		SpringApplication.run(Orders.class, arguments);
	}

}
