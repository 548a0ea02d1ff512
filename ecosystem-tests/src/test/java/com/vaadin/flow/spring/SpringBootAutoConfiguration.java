package com.vaadin.flow.spring;

/**
 * Stands in for Vaadin's.
 */
public class SpringBootAutoConfiguration {

}
