package dev.tomcorn.actuate;

/**
 * A management endpoint as requests reach it.
 *
 * @param id the endpoint's id
 * @param path its path, within the context and the dispatcher servlet
 * @param changing whether it has an operation that a POST reaches
 */
record ManagementEndpoint(String id, String path, boolean changing) {

	/**
	 * Return whether a request is for the endpoint.
	 */
	boolean has(String requested) {
		return requested.startsWith(this.path)
				&& (requested.length() == this.path.length() || requested.charAt(this.path.length()) == '/');
	}

}
