package dev.tomcorn.launch;

import java.io.IOException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * The classes that an arbiter may need later. It loads them while its first worker boots,
 * because their jar may be overwritten or deleted by the time they are needed.
 */
final class ArbiterClasses {

	private static final Log logger = LogFactory.getLog(ArbiterClasses.class);

	private static final String PATTERN = "classpath*:dev/tomcorn/core/**/*.class";

	/**
	 * Package of the shell commands, which run in a JVM of their own.
	 */
	private static final String SHELL = "dev/tomcorn/core/shell/";

	private ArbiterClasses() {
	}

	static void load() {
		ClassLoader loader = ArbiterClasses.class.getClassLoader();
		try {
			for (Resource resource : new PathMatchingResourcePatternResolver(loader).getResources(PATTERN)) {
				load(resource, loader);
			}
		}
		catch (IOException ex) {
			logger.debug("The classes are loaded when they are needed", ex);
		}
	}

	private static void load(Resource resource, ClassLoader loader) throws IOException {
		String path = resource.getURL().getPath();
		if (path.contains(SHELL)) {
			return;
		}
		String name = path.substring(path.lastIndexOf("dev/tomcorn/core/"), path.length() - ".class".length())
			.replace('/', '.');
		try {
			Class.forName(name, false, loader);
		}
		catch (ClassNotFoundException | LinkageError ex) {
			logger.debug("Cannot load " + name, ex);
		}
	}

}
