package dev.tomcorn.core.listener;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The sockets with which systemd, or a program like it, has started this process
 * ({@code sd_listen_fds(3)}).
 */
final class ActivatedSockets {

	private static final int FIRST = 3;

	private static final int MAX_NUMBER = 4096;

	private final Map<String, String> environment;

	private final long pid;

	/**
	 * Create the sockets of a process.
	 * @param environment its environment variables
	 * @param pid its process id
	 */
	ActivatedSockets(Map<String, String> environment, long pid) {
		this.environment = environment;
		this.pid = pid;
	}

	/**
	 * Return the descriptors of an address. Several sockets may have one name. A number
	 * needs no environment variables, because other programs pass sockets, too.
	 * @throws BindFailure if there are none
	 */
	List<Integer> find(BindAddress.Descriptor address) {
		String meantFor = this.environment.get("LISTEN_PID");
		if (meantFor == null) {
			if (address.number() < 0) {
				throw failure(address,
						"This process was started without sockets that have names: LISTEN_PID is not set.",
						"Start it by a systemd socket unit, or set tomcorn.bind to another address.");
			}
			return List.of(address.number());
		}
		if (!meantFor.strip().equals(Long.toString(this.pid))) {
			throw failure(address,
					"The sockets were passed to process %s, and this one is %d.".formatted(meantFor, this.pid),
					"Start java itself in the systemd unit, or by 'exec java' where a script starts it.");
		}
		int number = number(address);
		if (address.number() >= 0) {
			if (address.number() >= FIRST + number) {
				throw failure(address, "This process was started with %d socket(s), the last of which is descriptor %d."
					.formatted(number, FIRST + number - 1), "Set tomcorn.bind to one of them.");
			}
			return List.of(address.number());
		}
		return named(address, number);
	}

	private int number(BindAddress.Descriptor address) {
		String number = this.environment.getOrDefault("LISTEN_FDS", "").strip();
		int parsed = parse(number);
		if (parsed < 1 || parsed > MAX_NUMBER) {
			throw failure(address, "LISTEN_FDS is '%s', which is not a number of sockets.".formatted(number),
					"Start this process by a systemd socket unit, or set tomcorn.bind to another address.");
		}
		return parsed;
	}

	private static int parse(String number) {
		try {
			return Integer.parseInt(number);
		}
		catch (NumberFormatException ex) {
			return -1;
		}
	}

	private List<Integer> named(BindAddress.Descriptor address, int number) {
		String told = this.environment.get("LISTEN_FDNAMES");
		String[] names = (told != null) ? told.split(":", -1) : new String[0];
		List<Integer> found = new ArrayList<>();
		for (int i = 0; i < Math.min(names.length, number); i++) {
			if (names[i].equals(address.name())) {
				found.add(FIRST + i);
			}
		}
		if (found.isEmpty()) {
			throw failure(address,
					"This process was started with no socket of the name '%s', but with %s.".formatted(address.name(),
							(names.length > 0) ? String.join(", ", names) : "sockets that have no names"),
					"Set FileDescriptorName=%s in the systemd socket unit, or set tomcorn.bind to one of these names."
						.formatted(address.name()));
		}
		return found;
	}

	private static BindFailure failure(BindAddress address, String problem, String action) {
		return new BindFailure(address, problem, action, null);
	}

}
