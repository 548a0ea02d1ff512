package com.example.orders;

import java.util.concurrent.CountDownLatch;

import org.springframework.kafka.test.EmbeddedKafkaBroker;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

/**
 * A Kafka broker for as long as the process lives.
 */
final class Broker {

	private Broker() {
	}

	static void run() throws InterruptedException {
		EmbeddedKafkaBroker broker = new EmbeddedKafkaKraftBroker(1, 6, Orders.TOPIC);
		broker.afterPropertiesSet();
		System.out.println("Listening at " + broker.getBrokersAsString());
		new CountDownLatch(1).await();
	}

}
