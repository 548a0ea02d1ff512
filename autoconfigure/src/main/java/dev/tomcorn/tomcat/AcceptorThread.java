package dev.tomcorn.tomcat;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The thread that takes connections. In a worker that runs one request at a time it may
 * serve them as well. An interrupt reaches it only while it does: while it waits for a
 * connection, one would close the listening socket.
 */
final class AcceptorThread extends Thread {

	/**
	 * Not the thread itself, which others may lock.
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
	 * Serve a connection. Called by this thread itself, which no interrupt is left for
	 * afterwards.
	 * @param connection what there is to do for it
	 */
	void serve(Runnable connection) {
		this.serving = true;
		try {
			connection.run();
		}
		catch (VirtualMachineError ex) {
			// It ends a thread of a pool, and another one takes its place
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
