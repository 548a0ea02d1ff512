package dev.tomcorn.core.listener;

import org.jspecify.annotations.Nullable;

/**
 * A socket of {@code tomcorn.bind} could not be opened or taken over.
 */
public final class BindFailure extends RuntimeException {

	private final String address;

	private final String problem;

	private final String action;

	BindFailure(BindAddress address, String problem, String action, @Nullable Throwable cause) {
		super("Cannot listen on %s: %s".formatted(address.text(), problem), cause);
		this.address = address.text();
		this.problem = problem;
		this.action = action;
	}

	/**
	 * Return the address of the socket.
	 * @return what the user wrote
	 */
	public String address() {
		return this.address;
	}

	/**
	 * Return what is wrong.
	 * @return a sentence
	 */
	public String problem() {
		return this.problem;
	}

	/**
	 * Return what to do about it.
	 * @return a sentence
	 */
	public String action() {
		return this.action;
	}

}
