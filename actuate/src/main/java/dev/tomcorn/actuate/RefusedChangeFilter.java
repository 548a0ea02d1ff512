package dev.tomcorn.actuate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

/**
 * Explains why Spring Security refuses an operation of {@link WorkersEndpoint}. Without
 * it the client gets Spring Security's answer for the error page: a 401 for the right
 * password. Runs before Spring Security.
 */
final class RefusedChangeFilter extends HttpFilter {

	private static final long serialVersionUID = 1L;

	private static final byte[] REFUSED = """
			{"outcome":"FAILED","message":"Refused by the application's security: the request has no valid CSRF token, \
			or its user may not do this. See 'Behind Spring Security' in docs/management.md of Tomcorn."}"""
		.getBytes(StandardCharsets.UTF_8);

	private final transient Predicate<HttpServletRequest> endpoint;

	/**
	 * Create the filter.
	 * @param endpoint whether a request is for the endpoint
	 */
	RefusedChangeFilter(Predicate<HttpServletRequest> endpoint) {
		this.endpoint = endpoint;
	}

	@Override
	protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		boolean change = !request.getMethod().equals("GET") && this.endpoint.test(request);
		chain.doFilter(request, change ? new RefusalResponse(response) : response);
	}

	private static final class RefusalResponse extends HttpServletResponseWrapper {

		RefusalResponse(HttpServletResponse response) {
			super(response);
		}

		@Override
		public void sendError(int status, @Nullable String message) throws IOException {
			if (status != SC_FORBIDDEN) {
				super.sendError(status, message);
				return;
			}
			resetBuffer();
			setStatus(status);
			setContentType("application/json");
			setContentLength(REFUSED.length);
			getOutputStream().write(REFUSED);
			flushBuffer();
		}

		@Override
		public void sendError(int status) throws IOException {
			if (status != SC_FORBIDDEN) {
				super.sendError(status);
				return;
			}
			sendError(status, null);
		}

	}

}
