package dev.tomcorn.core.listener;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Opens the listening sockets of an application that runs without an arbiter.
 */
public final class SoloListeners {

	private SoloListeners() {
	}

	/**
	 * Open all sockets, or none.
	 * @param addresses where to listen
	 * @param backlog connections the kernel queues for each
	 * @return all sockets together
	 * @throws IOException if that is not possible
	 * @throws BindFailure if one of them cannot be opened
	 */
	public static SharedListener open(List<BindAddress> addresses, int backlog) throws IOException {
		List<SeveralListeners.Part> parts = new ArrayList<>();
		Set<Integer> adopted = new HashSet<>();
		boolean complete = false;
		try {
			for (BindAddress address : addresses) {
				switch (address) {
					case BindAddress.Port port -> parts.add(OwnListener.open(port, backlog));
					case BindAddress.Unix unix -> parts.add(OwnListener.open(unix, backlog));
					case BindAddress.Descriptor descriptor -> adopt(descriptor, adopted, parts);
				}
			}
			complete = true;
			return SeveralListeners.of(parts);
		}
		finally {
			if (!complete) {
				for (SeveralListeners.Part part : parts) {
					part.stopAccepting();
				}
			}
		}
	}

	private static void adopt(BindAddress.Descriptor address, Set<Integer> adopted, List<SeveralListeners.Part> parts) {
		String system = System.getProperty("os.name", "");
		if (!system.toLowerCase(Locale.ROOT).startsWith("linux")) {
			throw new BindFailure(address, "Sockets that a process was started with are taken over on Linux only, and "
					+ "this is %s.".formatted(system), "Set tomcorn.bind to another address here.", null);
		}
		for (int fd : new ActivatedSockets(System.getenv(), ProcessHandle.current().pid()).find(address)) {
			if (!adopted.add(fd)) {
				throw new BindFailure(address, "Descriptor %d is named twice in tomcorn.bind.".formatted(fd),
						"Name each socket once.", null);
			}
			parts.add(ReceivedListener.adopt(address, fd));
		}
	}

}
