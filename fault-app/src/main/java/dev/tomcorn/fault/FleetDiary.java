package dev.tomcorn.fault;

import dev.tomcorn.core.arbiter.FleetEvent;
import dev.tomcorn.core.arbiter.FleetListener;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Logs the events of the arbiter.
 */
public final class FleetDiary implements FleetListener {

	private static final Log logger = LogFactory.getLog(FleetDiary.class);

	@Override
	public void onFleetEvent(FleetEvent event) {
		logger.info("Fleet diary: " + event);
	}

}
