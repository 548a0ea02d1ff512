package dev.tomcorn.tomcat;

import java.io.File;
import java.io.IOException;

import dev.tomcorn.core.process.LockFile;
import org.apache.catalina.Context;
import org.apache.catalina.Lifecycle;
import org.apache.catalina.LifecycleEvent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.boot.tomcat.TomcatContextCustomizer;

/**
 * {@link TomcatContextCustomizer} that marks the temporary directories that Boot creates
 * for Tomcat as those of a live process. Boot removes them at an orderly end. The arbiter
 * removes those of a killed worker.
 */
public final class TemporaryDirectories implements TomcatContextCustomizer {

	private static final Log logger = LogFactory.getLog(TemporaryDirectories.class);

	private static final String BASE = "tomcat.";

	@Override
	public void customize(Context context) {
		File base = context.getCatalinaBase();
		String documentRoot = context.getDocBase();
		if (base == null || documentRoot == null || !base.getName().startsWith(BASE)) {
			return;
		}
		String directory = base.getParent() + File.separator;
		String note = documentRoot.startsWith(directory) ? documentRoot.substring(directory.length()) : "";
		try {
			hold(LockFile.create(base.toPath(), note), context);
		}
		catch (IOException ex) {
			logger.debug("The temporary files of this worker will remain if it is killed: " + ex);
		}
	}

	/**
	 * Keep the lock until the context is destroyed.
	 */
	private static void hold(LockFile file, Context context) {
		context.addLifecycleListener((LifecycleEvent event) -> {
			if (event.getType().equals(Lifecycle.AFTER_DESTROY_EVENT)) {
				try {
					file.close();
				}
				catch (IOException ex) {
					// Closing only fails after the lock is released
				}
			}
		});
	}

}
