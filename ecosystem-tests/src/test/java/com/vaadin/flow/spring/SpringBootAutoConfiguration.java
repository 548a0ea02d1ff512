package com.vaadin.flow.spring;

/**
 * Stands in for Vaadin's class.
 */
public class SpringBootAutoConfiguration {

}
