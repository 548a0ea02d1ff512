package com.hazelcast.hibernate;

/**
 * Stands in for Hazelcast's class.
 */
public class HazelcastCacheRegionFactory {

}
