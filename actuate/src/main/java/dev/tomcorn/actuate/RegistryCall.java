package dev.tomcorn.actuate;

/**
 * A call in which a client of a service registry asks for the application's health. Such
 * a client knows only Boot's own statuses, and would remove a degraded fleet.
 */
public final class RegistryCall {

	private static final ScopedValue<Boolean> RUNS = ScopedValue.newInstance();

	private RegistryCall() {
	}

	/**
	 * Run a call. Within it, a fleet that serves is up.
	 * @param <T> type of the result
	 * @param <X> what the call may throw
	 * @param call the call
	 * @return its result
	 * @throws X if the call does
	 */
	public static <T, X extends Throwable> T of(ScopedValue.CallableOp<? extends T, X> call) throws X {
		return ScopedValue.where(RUNS, true).call(call);
	}

	static boolean isRunning() {
		return RUNS.isBound();
	}

}
