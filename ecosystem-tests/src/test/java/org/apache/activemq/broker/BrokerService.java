package org.apache.activemq.broker;

/**
 * Stands in for the class of ActiveMQ.
 */
public class BrokerService {

}
