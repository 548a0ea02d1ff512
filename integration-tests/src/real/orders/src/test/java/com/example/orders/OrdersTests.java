package com.example.orders;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.kafka.test.context.EmbeddedKafka;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@SpringBootTest
@EmbeddedKafka(topics = Orders.TOPIC, bootstrapServersProperty = "spring.kafka.bootstrap-servers")
class OrdersTests {

	@TempDir
	private static Path directory;

	@DynamicPropertySource
	static void directory(DynamicPropertyRegistry registry) {
		registry.add("orders.directory", directory::toString);
	}

	@Test
	void orderIsHandled(@Autowired Orders orders) throws Exception {
		assertThat(orders.order()).isNotEmpty();
		await().atMost(Duration.ofSeconds(30)).until(() -> orders.open() == 0);
	}

}
