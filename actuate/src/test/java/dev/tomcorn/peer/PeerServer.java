package dev.tomcorn.peer;

import java.nio.file.Path;

import jakarta.servlet.http.HttpServlet;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.modeler.Registry;

/**
 * A worker's server, which answers every request by one servlet.
 */
public final class PeerServer implements AutoCloseable {

	private final Tomcat tomcat = new Tomcat();

	/**
	 * Start a server.
	 * @param directory its directory
	 * @param servlet the servlet
	 * @throws LifecycleException if it does not start
	 */
	public PeerServer(Path directory, HttpServlet servlet) throws LifecycleException {
		// Its MBeans have the names of those of every other Tomcat
		Registry.disableRegistry();
		this.tomcat.setBaseDir(directory.toString());
		this.tomcat.setPort(0);
		this.tomcat.getConnector();
		Tomcat.addServlet(this.tomcat.addContext("", null), "worker", servlet).addMapping("/*");
		this.tomcat.start();
	}

	/**
	 * Open a worker's peer channel.
	 * @param channel the channel
	 * @return this server
	 */
	public PeerServer open(PeerChannel channel) {
		channel.open(this.tomcat);
		return this;
	}

	Tomcat tomcat() {
		return this.tomcat;
	}

	@Override
	public void close() throws LifecycleException {
		this.tomcat.stop();
		this.tomcat.destroy();
	}

}
