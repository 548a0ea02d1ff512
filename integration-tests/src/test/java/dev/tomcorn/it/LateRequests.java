package dev.tomcorn.it;

import java.io.IOException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

/**
 * Requests that are not done when the time to drain is over, one of each kind.
 *
 * @param unanswered has no answer yet
 * @param answeredInPart has a part of its answer
 * @param events is answered by a stream of events
 */
record LateRequests(HttpConnection unanswered, HttpConnection answeredInPart, HttpConnection events) {

	static final int COUNT = 3;

	/**
	 * Send them.
	 * @param contextPath prefix of the application's paths
	 */
	LateRequests send(String contextPath) throws IOException {
		this.unanswered.send(HttpConnection.request("GET", contextPath + "/deferred?ms=600000"));
		this.answeredInPart.send(HttpConnection.request("GET", contextPath + "/stream?lines=100000&ms=100"));
		this.events.send(HttpConnection.request("GET", contextPath + "/events"));
		return this;
	}

	void assertAnsweredWhereThatIsPossible() throws IOException {
		assertThat(this.unanswered.receive().status()).as("status of what had no answer yet").isEqualTo(503);
		assertThat(this.events.receive().body()).as("stream of events, to its end").contains("event 1");
		assertThatIOException().as("a part must not look like the whole")
			.isThrownBy(() -> this.answeredInPart.receive());
		this.unanswered.close();
		this.answeredInPart.close();
		this.events.close();
	}

}
