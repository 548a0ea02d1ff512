package dev.tomcorn.actuate;

import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.Producible;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * How the fleet is shown. If a client accepts several formats by name, Boot takes the
 * last of them. A browser names HTML, so it gets the page.
 */
enum FleetFormat implements Producible<FleetFormat> {

	/** JSON of Actuator's version 3, also for a client that accepts everything. */
	V3(ApiVersion.V3.getProducedMimeType()),

	/** JSON of Actuator's version 2. */
	V2(ApiVersion.V2.getProducedMimeType()),

	/** JSON. */
	JSON(MimeTypeUtils.APPLICATION_JSON),

	/** The fleet page. */
	PAGE(MimeTypeUtils.TEXT_HTML);

	private final MimeType mimeType;

	FleetFormat(MimeType mimeType) {
		this.mimeType = mimeType;
	}

	@Override
	public MimeType getProducedMimeType() {
		return this.mimeType;
	}

	@Override
	public boolean isDefault() {
		return this == V3;
	}

}
