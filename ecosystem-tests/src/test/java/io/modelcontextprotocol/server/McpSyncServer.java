package io.modelcontextprotocol.server;

/**
 * Stands in for the MCP server with sessions.
 */
public class McpSyncServer {

}
