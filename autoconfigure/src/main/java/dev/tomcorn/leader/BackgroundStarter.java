package dev.tomcorn.leader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

import dev.tomcorn.Leadership;
import dev.tomcorn.worker.WorkerProcess;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Delays beans that Spring would start in every worker with the context. Message
 * listeners wait until the worker takes traffic. If only the leader schedules, pollers
 * and schedulers wait until the worker leads. Starts before any other bean of the
 * context.
 */
final class BackgroundStarter implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(BackgroundStarter.class);

	private static final Duration FIRST_DELAY = Duration.ofSeconds(1);

	private static final Duration LONGEST_DELAY = Duration.ofMinutes(1);

	private static final Duration INTERVAL = Duration.ofMillis(20);

	/**
	 * Quartz may still run a job that is due within this time after the stop, because it
	 * cannot return the job to the store any more.
	 */
	private static final Duration LAST_JOBS = Duration.ofMillis(100);

	private final ConfigurableListableBeanFactory beanFactory;

	private final WorkerProcess process;

	private final @Nullable Leadership leadership;

	private final Duration endLimit;

	private final List<BackgroundBean> beans = new ArrayList<>();

	private boolean known;

	private volatile boolean running;

	private volatile boolean over;

	private volatile @Nullable CountDownLatch ended;

	/**
	 * Create the starter of an application.
	 * @param beanFactory the application's bean factory
	 * @param process the supervised worker
	 * @param leadership the worker's leadership if the leader alone schedules, or
	 * {@code null} if all workers do
	 * @param endLimit longest time for listeners to end
	 */
	BackgroundStarter(ConfigurableListableBeanFactory beanFactory, WorkerProcess process,
			@Nullable Leadership leadership, Duration endLimit) {
		this.beanFactory = beanFactory;
		this.process = process;
		this.leadership = leadership;
		this.endLimit = endLimit;
	}

	@Override
	public void start() {
		this.running = true;
		// A context that is restarted does not delay its beans again
		if (!this.known) {
			this.known = true;
			find();
		}
	}

	private void find() {
		// The first worker boots like plain Boot, with the same failures
		boolean alone = !this.process.isServedElsewhere() && this.process.scoreboard().isOnly(this.process.slot());
		for (String name : this.beanFactory.getBeanNamesForType(SmartLifecycle.class, false, false)) {
			if (this.beanFactory.containsSingleton(BeanFactoryUtils.transformedBeanName(name))) {
				Object bean = this.beanFactory.getBean(name);
				add(name, bean, alone);
				BackgroundKind.containersOf(bean).forEach((container) -> add(name, container, alone));
				StreamBinding.of(bean, this.beanFactory).forEach((binding) -> add(binding.name(), binding, alone));
			}
		}
		this.beans.sort(Comparator.comparingInt(BackgroundBean::phase));
	}

	private void add(String name, Object bean, boolean alone) {
		if (!(bean instanceof SmartLifecycle lifecycle) || !lifecycle.isAutoStartup() || lifecycle.isRunning()) {
			return;
		}
		BackgroundKind kind = BackgroundKind.of(bean);
		if (kind == null) {
			return;
		}
		BackgroundBean background = new BackgroundBean(name, lifecycle, kind.condition());
		boolean mine = switch (kind.condition()) {
			case SERVING -> alone || background.holdBack();
			case LEADING -> this.leadership != null && holdBackForTheLeader(background, this.leadership);
		};
		if (mine) {
			this.beans.add(background);
		}
	}

	private static boolean holdBackForTheLeader(BackgroundBean bean, Leadership leadership) {
		Object poller = bean.poller();
		if (poller != null && !new LeaderPolls(leadership).guard(poller)) {
			logger.warn("'%s' polls in every worker: this version of Spring Integration is not supported"
				.formatted(bean.name()));
			return false;
		}
		return bean.holdBack();
	}

	/**
	 * Start the beans that were held back.
	 * @param condition the condition that is met
	 */
	void startHeld(StartCondition condition) {
		of(condition).stream()
			.collect(Collectors.groupingBy(BackgroundBean::delay))
			.forEach((delay, waiting) -> Thread.ofPlatform().daemon().name("tomcorn-background").start(() -> {
				LockSupport.parkNanos(delay.toNanos());
				startAll(waiting);
			}));
	}

	private List<BackgroundBean> of(StartCondition condition) {
		return this.beans.stream().filter((bean) -> bean.condition() == condition).toList();
	}

	/**
	 * Start the beans, and retry those that fail. A worker that serves without one of
	 * them is better than one that ends.
	 */
	private void startAll(List<BackgroundBean> waiting) {
		List<BackgroundBean> failed = waiting;
		for (Duration delay = FIRST_DELAY; !this.over; delay = longer(delay)) {
			Duration next = delay;
			failed = failed.stream().filter((bean) -> !starts(bean, next)).toList();
			if (failed.isEmpty()) {
				return;
			}
			LockSupport.parkNanos(delay.toNanos());
		}
	}

	private static Duration longer(Duration delay) {
		Duration twice = delay.multipliedBy(2);
		return (twice.compareTo(LONGEST_DELAY) > 0) ? LONGEST_DELAY : twice;
	}

	private static boolean starts(BackgroundBean bean, Duration next) {
		try {
			bean.startHeld();
			return true;
		}
		catch (RuntimeException | LinkageError ex) {
			logger.error("'%s' cannot start. This worker serves without it and tries again in %d s"
				.formatted(bean.name(), next.toSeconds()), ex);
			return false;
		}
	}

	/**
	 * Stop the listeners, as the close of a context does first. Does not wait.
	 */
	void drain() {
		this.over = true;
		List<BackgroundBean> listeners = of(StartCondition.SERVING);
		CountDownLatch latch = new CountDownLatch(listeners.size());
		this.ended = latch;
		for (BackgroundBean listener : listeners) {
			Thread.ofPlatform().daemon().name("tomcorn-listener-end").start(() -> {
				try {
					listener.end(latch::countDown);
				}
				catch (RuntimeException | LinkageError ex) {
					logger.warn("'%s' cannot stop".formatted(listener.name()), ex);
					latch.countDown();
				}
			});
		}
	}

	/**
	 * Wait until the listeners have stopped.
	 */
	void drained() {
		this.over = true;
		CountDownLatch latch = this.ended;
		try {
			if (latch != null && !latch.await(this.endLimit.toMillis(), TimeUnit.MILLISECONDS)) {
				logger.warn("%d listener(s) have not stopped within %d s".formatted(latch.getCount(),
						this.endLimit.toSeconds()));
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * Stop the work of the leader, and wait for running jobs: the next leader starts when
	 * this returns.
	 */
	void resign() {
		for (BackgroundBean bean : of(StartCondition.LEADING)) {
			try {
				// Stopping a poller would interrupt its poll, which holds the leadership
				if (bean.poller() == null) {
					bean.end(() -> {
					});
				}
				if (bean.isQuartz()) {
					awaitJobs(bean);
				}
			}
			catch (RuntimeException | LinkageError ex) {
				logger.warn("'%s' cannot stop".formatted(bean.name()), ex);
			}
		}
	}

	private static void awaitJobs(BackgroundBean scheduler) {
		LockSupport.parkNanos(LAST_JOBS.toNanos());
		while (scheduler.isBusy()) {
			LockSupport.parkNanos(INTERVAL.toNanos());
		}
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return Integer.MIN_VALUE;
	}

}
