package org.apache.activemq.artemis.core.server.embedded;

/**
 * Stands in for the class of Artemis.
 */
public class EmbeddedActiveMQ {

}
