package dev.tomcorn.actuate;

import java.io.IOException;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanWrapper;
import org.springframework.beans.PropertyAccessorFactory;

/**
 * Adds headers to the answers of {@link WorkersEndpoint} that an endpoint cannot add:
 * those of the page and, for its script, Spring Security's CSRF token. The script asks
 * for the token only when it needs one, because a token may begin a session. Runs after
 * the filters that authorize requests.
 */
final class FleetPageFilter extends HttpFilter {

	private static final long serialVersionUID = 1L;

	/**
	 * Request header that asks for a token. A page of another site cannot send it without
	 * a preflight request, and cannot read the answer.
	 */
	static final String TOKEN_WANTED = "Tomcorn-Csrf-Wanted";

	static final String TOKEN_HEADER = "Tomcorn-Csrf-Header";

	static final String TOKEN = "Tomcorn-Csrf-Token";

	/**
	 * The request attribute with Spring Security's token. Spring Security is optional.
	 */
	private static final String ATTRIBUTE = "org.springframework.security.web.csrf.CsrfToken";

	private final transient Predicate<HttpServletRequest> endpoint;

	private final transient Supplier<@Nullable WorkersEndpointWebExtension> extension;

	/**
	 * Create the filter.
	 * @param endpoint whether a request is for the endpoint
	 * @param extension the endpoint's extension, if there is one
	 */
	FleetPageFilter(Predicate<HttpServletRequest> endpoint, Supplier<@Nullable WorkersEndpointWebExtension> extension) {
		this.endpoint = endpoint;
		this.extension = extension;
	}

	@Override
	protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		if (request.getMethod().equals("GET") && this.endpoint.test(request)) {
			WorkersEndpointWebExtension page = this.extension.get();
			((page != null) ? page.pageHeaders() : Map.<String, String>of()).forEach(response::setHeader);
			response.addHeader("Vary", "Accept");
			Object token = request.getAttribute(ATTRIBUTE);
			if (token != null && request.getHeader(TOKEN_WANTED) != null) {
				tell(token, response);
			}
		}
		chain.doFilter(request, response);
	}

	private static void tell(Object token, HttpServletResponse response) {
		BeanWrapper values = PropertyAccessorFactory.forBeanPropertyAccess(token);
		response.setHeader(TOKEN, String.valueOf(values.getPropertyValue("token")));
		response.setHeader(TOKEN_HEADER, String.valueOf(values.getPropertyValue("headerName")));
	}

}
