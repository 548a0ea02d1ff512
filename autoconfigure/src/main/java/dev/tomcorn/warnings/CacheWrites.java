package dev.tomcorn.warnings;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.aop.Advisor;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.cache.interceptor.BeanFactoryCacheOperationSourceAdvisor;
import org.springframework.cache.interceptor.CacheEvictOperation;
import org.springframework.cache.interceptor.CacheOperation;
import org.springframework.cache.interceptor.CacheOperationSource;
import org.springframework.cache.interceptor.CachePutOperation;
import org.springframework.util.ReflectionUtils;

/**
 * Finds methods that write to a cache in memory. A cache without such writes is harmless:
 * each worker fills it itself, like several instances of any application.
 */
final class CacheWrites {

	private static final List<String> MANAGERS = List.of(
			"org.springframework.cache.concurrent.ConcurrentMapCacheManager",
			"org.springframework.cache.caffeine.CaffeineCacheManager",
			"org.springframework.cache.support.SimpleCacheManager",
			"org.springframework.cache.jcache.JCacheCacheManager");

	private static final List<String> PROVIDERS_OF_THE_PROCESS = List.of("org.ehcache.", "com.github.benmanes.",
			"org.cache2k.");

	private CacheWrites() {
	}

	static @Nullable String find(ApplicationFacts application) {
		return MANAGERS.stream()
			.anyMatch((manager) -> application.firstBean(manager, CacheWrites::isOfTheProcess) != null)
					? application.firstBean("org.springframework.aop.framework.Advised", CacheWrites::writes) : null;
	}

	private static boolean isOfTheProcess(Object manager) {
		Object provider = ApplicationFacts.value(manager, "cacheManager");
		String name = (provider != null) ? provider.getClass().getName() : "";
		return provider == null || PROVIDERS_OF_THE_PROCESS.stream().anyMatch(name::startsWith);
	}

	private static boolean writes(Object bean) {
		if (!(bean instanceof Advised advised)) {
			return false;
		}
		return Arrays.stream(advised.getAdvisors())
			.anyMatch((advisor) -> advisor instanceof BeanFactoryCacheOperationSourceAdvisor
					&& writes(advisor, AopUtils.getTargetClass(bean)));
	}

	private static boolean writes(Advisor advisor, Class<?> type) {
		Object source = ApplicationFacts.value(advisor.getAdvice(), "cacheOperationSource");
		return source instanceof CacheOperationSource operations
				&& Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
					.anyMatch((method) -> writes(operations, method, type));
	}

	private static boolean writes(CacheOperationSource source, Method method, Class<?> type) {
		Collection<CacheOperation> operations = source.getCacheOperations(method, type);
		return operations != null && operations.stream()
			.anyMatch(
					(operation) -> operation instanceof CachePutOperation || operation instanceof CacheEvictOperation);
	}

}
