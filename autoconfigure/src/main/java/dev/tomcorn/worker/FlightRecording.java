package dev.tomcorn.worker;

import java.io.IOException;
import java.nio.file.Path;
import java.text.ParseException;

import jdk.jfr.Configuration;
import jdk.jfr.Recording;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * A flight recording of the last minutes. It is kept in memory (the recorder's own
 * buffers, some 10 MB), because a killed worker would leave a file on disk behind.
 */
final class FlightRecording {

	private static final Log logger = LogFactory.getLog(FlightRecording.class);

	private final Recording recording;

	private FlightRecording(Recording recording) {
		this.recording = recording;
	}

	/**
	 * Start recording.
	 * @return the recording, or {@code null} if this JVM cannot record
	 */
	static @Nullable FlightRecording startIfPossible() {
		try {
			return new FlightRecording(start());
		}
		catch (Exception | LinkageError ex) {
			logger.warn("No flight recording in incidents: this JVM cannot record (" + ex + ")");
			return null;
		}
	}

	private static Recording start() throws IOException, ParseException {
		Recording recording = new Recording(Configuration.getConfiguration("default"));
		recording.setName("tomcorn-incidents");
		recording.setToDisk(false);
		recording.start();
		return recording;
	}

	/**
	 * Write the recording so far. The recording goes on.
	 */
	void dump(Path file) throws IOException {
		this.recording.dump(file);
	}

}
