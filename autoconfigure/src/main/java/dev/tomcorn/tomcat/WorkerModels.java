package dev.tomcorn.tomcat;

import java.util.List;

import dev.tomcorn.WorkerModel;
import dev.tomcorn.settings.InvalidSettingException;
import dev.tomcorn.settings.TomcornSettings;

import org.springframework.beans.factory.config.AutowireCapableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.util.ClassUtils;

/**
 * Finds the worker class that the application asks for.
 */
final class WorkerModels {

	private static final String REQUIREMENT = "sync, gthread, gevent, the name of a class that implements "
			+ WorkerModel.class.getName() + ", or the name of a bean that does";

	private static final String PROPERTY = "tomcorn.worker-class";

	private WorkerModels() {
	}

	/**
	 * Return the worker class.
	 * @throws InvalidSettingException if none has that name
	 */
	static WorkerModel find(TomcornSettings settings, ConfigurableListableBeanFactory beanFactory) {
		WorkerModel model = resolve(settings, beanFactory);
		if (model.concurrency() < 1) {
			throw new InvalidSettingException(PROPERTY, settings.workerClass(),
					"a worker class whose concurrency is 1 or more, not " + model.concurrency());
		}
		return model;
	}

	private static WorkerModel resolve(TomcornSettings settings, ConfigurableListableBeanFactory beanFactory) {
		if (!settings.workerClassSet()) {
			List<WorkerModel> beans = beanFactory.getBeanProvider(WorkerModel.class).stream().toList();
			if (beans.size() == 1) {
				return beans.getFirst();
			}
		}
		if (settings.isSync()) {
			return new SyncWorkerModel();
		}
		if (settings.isGthread()) {
			return new GthreadWorkerModel(settings.threads());
		}
		if (settings.isGevent()) {
			return new GeventWorkerModel(settings.workerConnections());
		}
		return custom(settings.workerClass(), beanFactory);
	}

	private static WorkerModel custom(String name, ConfigurableListableBeanFactory beanFactory) {
		if (beanFactory.containsBean(name) && beanFactory.isTypeMatch(name, WorkerModel.class)) {
			return beanFactory.getBean(name, WorkerModel.class);
		}
		try {
			Class<?> type = ClassUtils.forName(name, beanFactory.getBeanClassLoader());
			if (WorkerModel.class.isAssignableFrom(type)) {
				return (WorkerModel) beanFactory.autowire(type, AutowireCapableBeanFactory.AUTOWIRE_CONSTRUCTOR, false);
			}
		}
		catch (ClassNotFoundException ex) {
			// Falls through to the exception below
		}
		throw new InvalidSettingException(PROPERTY, name, REQUIREMENT);
	}

}
