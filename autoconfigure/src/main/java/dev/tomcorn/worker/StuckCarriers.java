package dev.tomcorn.worker;

import java.util.List;
import java.util.concurrent.Callable;

import dev.tomcorn.core.incident.ApplicationFrames;
import dev.tomcorn.core.scoreboard.WorkerRecord;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Finds out what holds the carriers of virtual threads, once for each time that these do
 * not get to run, and writes it down for everybody.
 */
final class StuckCarriers {

	private static final Log logger = LogFactory.getLog(StuckCarriers.class);

	private final WorkerRecord record;

	private final ApplicationFrames finder;

	private final Callable<List<ThreadStacks.Stack>> stacks;

	private boolean stuck;

	StuckCarriers(WorkerRecord record, ApplicationFrames finder) {
		this(record, finder, ThreadStacks::take);
	}

	StuckCarriers(WorkerRecord record, ApplicationFrames finder, Callable<List<ThreadStacks.Stack>> stacks) {
		this.record = record;
		this.finder = finder;
		this.stacks = stacks;
	}

	/**
	 * Take note whether virtual threads are stuck. Does not wait for what is found out.
	 */
	void look(boolean nowStuck) {
		if (nowStuck == this.stuck) {
			return;
		}
		this.stuck = nowStuck;
		if (nowStuck) {
			Thread.ofPlatform().daemon().name("tomcorn-carriers").start(this::find);
		}
		else {
			this.record.tell(WorkerRecord.Word.CARRIERS, "");
		}
	}

	private void find() {
		try {
			this.record.tell(WorkerRecord.Word.CARRIERS, describe(this.stacks.call(), this.finder));
		}
		catch (Exception | Error ex) {
			logger.debug("Cannot tell what holds the carriers", ex);
		}
	}

	/**
	 * Describe who holds the carriers.
	 * @return a clause, empty if nobody does
	 */
	static String describe(List<ThreadStacks.Stack> stacks, ApplicationFrames finder) {
		List<ThreadStacks.Stack> mounted = stacks.stream().filter(ThreadStacks.Stack::mounted).toList();
		List<String> places = mounted.stream()
			.flatMap((stack) -> finder.first(stack.frames(), 1).stream())
			.map(ApplicationFrames::place)
			.distinct()
			.toList();
		if (places.isEmpty()) {
			return "";
		}
		return "%d carrier thread%s held at %s".formatted(mounted.size(), (mounted.size() == 1) ? " is" : "s are",
				String.join(", ", places));
	}

}
