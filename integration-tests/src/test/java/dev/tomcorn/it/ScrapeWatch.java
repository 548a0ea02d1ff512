package dev.tomcorn.it;

import java.util.SortedMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Scrapes repeatedly, and checks that no counter goes back.
 */
final class ScrapeWatch {

	private final DemoProcess app;

	private Scrape last;

	private int scrapes;

	ScrapeWatch(DemoProcess app) {
		this.app = app;
		this.last = Scrape.of(app);
	}

	Scrape scrape() {
		Scrape scrape = Scrape.of(this.app);
		this.scrapes++;
		SortedMap<String, Double> now = scrape.cumulative();
		this.last.cumulative()
			.forEach((name, before) -> assertThat(now.get(name)).as("%s in scrape %d", name, this.scrapes)
				.isNotNull()
				.isGreaterThanOrEqualTo(before));
		this.last = scrape;
		return scrape;
	}

	int scrapes() {
		return this.scrapes;
	}

	int counters() {
		return this.last.cumulative().size();
	}

}
