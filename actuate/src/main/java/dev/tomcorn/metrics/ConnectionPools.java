package dev.tomcorn.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

import dev.tomcorn.core.problem.WorkerFacts.Pool;
import dev.tomcorn.worker.FigureSampler;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Finds the pool of database connections for which most threads wait, from the figures
 * that HikariCP registers with Micrometer. Used by one thread.
 */
final class ConnectionPools implements SmartInitializingSingleton {

	private static final String WAITING = "hikaricp.connections.pending";

	private static final String ACTIVE = "hikaricp.connections.active";

	private static final String LIMIT = "hikaricp.connections.max";

	private static final String POOL = "pool";

	private final FigureSampler sampler;

	private final ObjectProvider<MeterRegistry> registries;

	private final LongSupplier ticker;

	private final Map<String, Long> waitingSince = new HashMap<>();

	/**
	 * Create the finder.
	 * @param sampler reports the worker's figures to the arbiter
	 * @param registries the registries with HikariCP's figures
	 */
	ConnectionPools(FigureSampler sampler, ObjectProvider<MeterRegistry> registries) {
		this(sampler, registries, System::nanoTime);
	}

	ConnectionPools(FigureSampler sampler, ObjectProvider<MeterRegistry> registries, LongSupplier ticker) {
		this.sampler = sampler;
		this.registries = registries;
		this.ticker = ticker;
	}

	@Override
	public void afterSingletonsInstantiated() {
		// Looked up now: later the context may be closed
		MeterRegistry registry = this.registries.getIfUnique();
		if (registry != null) {
			this.sampler.watchPools(() -> busiest(registry));
		}
	}

	@Nullable Pool busiest(MeterRegistry registry) {
		Pool busiest = null;
		for (Gauge gauge : registry.find(WAITING).gauges()) {
			String name = gauge.getId().getTag(POOL);
			int waiting = (int) gauge.value();
			if (name == null || waiting <= 0) {
				this.waitingSince.remove(name);
				continue;
			}
			long since = this.waitingSince.computeIfAbsent(name, (_) -> this.ticker.getAsLong());
			if (busiest == null || waiting > busiest.waiting()) {
				busiest = new Pool(name, value(registry, ACTIVE, name), value(registry, LIMIT, name), waiting, since);
			}
		}
		return busiest;
	}

	private static int value(MeterRegistry registry, String meter, String pool) {
		Gauge gauge = registry.find(meter).tag(POOL, pool).gauge();
		return (gauge != null) ? (int) gauge.value() : 0;
	}

}
