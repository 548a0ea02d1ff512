package dev.tomcorn.core.arbiter;

import java.util.List;

/**
 * The requests that a worker had in flight when it ended.
 *
 * @param count how many there were
 * @param oldest what is known of the oldest of them, each in a clause such as
 * {@code GET /orders for 1.2 s}
 */
public record LostRequests(long count, List<String> oldest) {

	/**
	 * Those of a worker that had none.
	 */
	public static final LostRequests NONE = new LostRequests(0, List.of());

	/**
	 * So many are named in a text.
	 */
	private static final int NAMED = 3;

	public LostRequests {
		oldest = List.copyOf(oldest);
	}

	/**
	 * Return the death of the worker with what was lost by it.
	 */
	Death of(Death death) {
		return (this.count == 0) ? death : new Death(death.cause(), death.description() + "; " + text());
	}

	/**
	 * Return the same in a clause.
	 * @return the clause; empty if there were none
	 */
	public String text() {
		if (this.count == 0) {
			return "";
		}
		String text = (this.count == 1) ? "1 request was in flight" : this.count + " requests were in flight";
		List<String> named = this.oldest.subList(0, Math.min(this.oldest.size(), NAMED));
		return named.isEmpty() ? text
				: "%s: %s%s".formatted(text, String.join(", ", named), (this.count > named.size()) ? ", …" : "");
	}

}
