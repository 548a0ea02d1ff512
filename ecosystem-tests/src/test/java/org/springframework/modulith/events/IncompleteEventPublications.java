package org.springframework.modulith.events;

/**
 * Stands in for Spring Modulith's class.
 */
public interface IncompleteEventPublications {

}
