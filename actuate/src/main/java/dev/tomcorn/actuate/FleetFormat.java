package dev.tomcorn.actuate;

import org.springframework.boot.actuate.endpoint.ApiVersion;
import org.springframework.boot.actuate.endpoint.Producible;
import org.springframework.util.MimeType;
import org.springframework.util.MimeTypeUtils;

/**
 * How the fleet is shown. Of the formats that a client accepts, Boot takes the last one
 * here: a browser accepts everything, but names the page.
 */
enum FleetFormat implements Producible<FleetFormat> {

	/** JSON, as Actuator's clients ask for it, and for whoever accepts everything. */
	V3(ApiVersion.V3.getProducedMimeType()),

	/** JSON, as older clients of Actuator ask for it. */
	V2(ApiVersion.V2.getProducedMimeType()),

	/** JSON. */
	JSON(MimeTypeUtils.APPLICATION_JSON),

	/** The page for people. */
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
