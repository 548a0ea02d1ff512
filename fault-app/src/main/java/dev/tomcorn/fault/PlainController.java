package dev.tomcorn.fault;

import java.nio.file.Path;
import java.util.zip.CRC32;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import dev.tomcorn.Worker;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Requests without a fault.
 */
@RestController
class PlainController {

	private final Worker worker;

	private final AwaitedFiles files;

	PlainController(Worker worker, AwaitedFiles files) {
		this.worker = worker;
		this.files = files;
	}

	@GetMapping("/whoami")
	ServedBy whoami() {
		return ServedBy.currentThreadOf(this.worker);
	}

	@GetMapping("/io")
	ServedBy io(@RequestParam(defaultValue = "100") int ms) throws InterruptedException {
		Thread.sleep(ms);
		return whoami();
	}

	/**
	 * Answer once a file exists, so that the caller decides how long it takes.
	 */
	@GetMapping("/held")
	ServedBy held(@RequestParam String until) throws InterruptedException {
		this.files.await(Path.of(until));
		return whoami();
	}

	/**
	 * Return the client's address and the requested address.
	 */
	@GetMapping("/client")
	Client client(HttpServletRequest request) {
		return new Client(request.getRemoteAddr(), request.getRequestURL().toString());
	}

	record Client(String address, String url) {
	}

	/**
	 * Return length and checksum of the received data, so that the client can compare it.
	 */
	@PostMapping("/echo")
	Echo echo(@RequestBody(required = false) byte @Nullable [] body, @RequestParam(defaultValue = "0") int ms)
			throws InterruptedException {
		Thread.sleep(ms);
		byte[] received = (body != null) ? body : new byte[0];
		CRC32 checksum = new CRC32();
		checksum.update(received);
		return new Echo(received.length, checksum.getValue(), whoami());
	}

	record Echo(int length, long checksum, @JsonUnwrapped ServedBy servedBy) {
	}

}
