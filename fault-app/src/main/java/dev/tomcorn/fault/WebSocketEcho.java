package dev.tomcorn.fault;

import dev.tomcorn.Worker;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.socket.TextMessage;
import org.springframework.web.socket.WebSocketSession;
import org.springframework.web.socket.config.annotation.EnableWebSocket;
import org.springframework.web.socket.config.annotation.WebSocketConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketHandlerRegistry;
import org.springframework.web.socket.handler.TextWebSocketHandler;

/**
 * A WebSocket that sends the worker's identity and repeats each message, slowly when the
 * message is a number of milliseconds.
 */
@Configuration(proxyBeanMethods = false)
@EnableWebSocket
class WebSocketEcho implements WebSocketConfigurer {

	private final Worker worker;

	WebSocketEcho(Worker worker) {
		this.worker = worker;
	}

	@Override
	public void registerWebSocketHandlers(WebSocketHandlerRegistry registry) {
		registry.addHandler(new Handler(this.worker), "/ws").setAllowedOrigins("*");
	}

	private static final class Handler extends TextWebSocketHandler {

		private final Worker worker;

		Handler(Worker worker) {
			this.worker = worker;
		}

		@Override
		public void afterConnectionEstablished(WebSocketSession session) throws Exception {
			session.sendMessage(new TextMessage("worker " + this.worker.index()));
		}

		@Override
		protected void handleTextMessage(WebSocketSession session, TextMessage message) throws Exception {
			if (message.getPayload().matches("\\d+")) {
				Thread.sleep(Long.parseLong(message.getPayload()));
			}
			session.sendMessage(message);
		}

	}

}
