package org.apache.activemq.artemis.core.server.embedded;

/**
 * Stands in for that of Artemis.
 */
public class EmbeddedActiveMQ {

}
