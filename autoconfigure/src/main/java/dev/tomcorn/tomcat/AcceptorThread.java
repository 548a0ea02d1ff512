package dev.tomcorn.tomcat;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that takes connections. In a worker that runs one request at a time it may
 * serve them as well. An interrupt reaches the thread only while it serves. While it
 * waits for a connection, an interrupt would close the listening socket.
 */
final class AcceptorThread extends Thread {

	/**
	 * A lock of its own, since other code may lock the thread itself.
	 */
	private final ReentrantLock interrupts = new ReentrantLock();

	private volatile boolean serving;

	AcceptorThread(Runnable acceptor, String name, int priority, boolean daemon) {
		super(acceptor, name);
		setPriority(priority);
		setDaemon(daemon);
	}

	/**
	 * Return whether this thread serves a connection.
	 */
	boolean isServing() {
		return this.serving;
	}

	@Override
	public void interrupt() {
		this.interrupts.lock();
		try {
			if (this.serving) {
				super.interrupt();
			}
		}
		finally {
			this.interrupts.unlock();
		}
	}

	/**
	 * Serve a connection. This thread itself calls this method. Its interrupt status is
	 * cleared afterwards.
	 * @param connection serves the connection
	 */
	void serve(Runnable connection) {
		this.serving = true;
		try {
			connection.run();
		}
		catch (VirtualMachineError ex) {
			// In a pool it would end the thread, and the pool would replace it
			getUncaughtExceptionHandler().uncaughtException(this, ex);
		}
		finally {
			stopServing();
		}
	}

	private void stopServing() {
		this.interrupts.lock();
		try {
			this.serving = false;
			interrupted();
		}
		finally {
			this.interrupts.unlock();
		}
	}

}
