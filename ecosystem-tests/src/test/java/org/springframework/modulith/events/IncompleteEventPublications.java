package org.springframework.modulith.events;

/**
 * Stands in for Spring Modulith's.
 */
public interface IncompleteEventPublications {

}
