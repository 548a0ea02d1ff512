package org.apache.activemq.broker;

/**
 * Stands in for that of ActiveMQ.
 */
public class BrokerService {

}
