package dev.tomcorn.session;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * A request that keeps a connection to the database.
 */
@RestController
class ConnectionController {

	private static final int POLL_MILLIS = 10;

	private final DataSource database;

	ConnectionController(DataSource database) {
		this.database = database;
	}

	/**
	 * Keep it until a file exists.
	 */
	@GetMapping("/connection")
	void keep(@RequestParam String until) throws SQLException, InterruptedException {
		try (Connection _ = this.database.getConnection()) {
			while (!Files.exists(Path.of(until))) {
				Thread.sleep(POLL_MILLIS);
			}
		}
	}

}
