package dev.tomcorn.core.arbiter;

import java.util.List;

/**
 * The requests that a worker had in flight when it ended.
 *
 * @param count how many there were
 * @param oldest the oldest of them, each in a clause such as
 * {@code GET /orders for 1.2 s}
 */
public record LostRequests(long count, List<String> oldest) {

	/**
	 * No requests.
	 */
	public static final LostRequests NONE = new LostRequests(0, List.of());

	/**
	 * Most requests that a text names.
	 */
	private static final int NAMED = 3;

	public LostRequests {
		oldest = List.copyOf(oldest);
	}

	/**
	 * Return a death whose description names the lost requests.
	 */
	Death of(Death death) {
		return (this.count == 0) ? death : new Death(death.cause(), death.description() + "; " + text());
	}

	/**
	 * Return the requests in a clause.
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
