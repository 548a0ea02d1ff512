package dev.tomcorn.fault;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;

import dev.tomcorn.Worker;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests that last as long as another party: a name service, a client.
 */
@RestController
class OthersController {

	private static final int MEGABYTE = 1024 * 1024;

	private final Worker worker;

	OthersController(Worker worker) {
		this.worker = worker;
	}

	/**
	 * Resolve a name.
	 */
	@GetMapping("/lookup")
	ServedBy lookup(@RequestParam String host) throws IOException {
		InetAddress.getByName(host);
		return ServedBy.currentThreadOf(this.worker);
	}

	/**
	 * Answer with more than the buffers between worker and client hold.
	 */
	@GetMapping("/large")
	void large(@RequestParam int mb, HttpServletResponse response) throws IOException {
		byte[] megabyte = new byte[MEGABYTE];
		OutputStream out = response.getOutputStream();
		for (int i = 0; i < mb; i++) {
			out.write(megabyte);
		}
	}

}
