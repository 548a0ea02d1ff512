package com.hazelcast.hibernate;

/**
 * Stands in for Hazelcast's.
 */
public class HazelcastCacheRegionFactory {

}
