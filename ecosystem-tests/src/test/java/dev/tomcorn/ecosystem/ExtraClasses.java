package dev.tomcorn.ecosystem;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.util.Set;

/**
 * A class path with some additional classes. They are empty, because only their presence
 * counts.
 */
final class ExtraClasses extends ClassLoader {

	private final Set<String> names;

	ExtraClasses(String... names) {
		super(ExtraClasses.class.getClassLoader());
		this.names = Set.of(names);
	}

	@Override
	protected Class<?> findClass(String name) throws ClassNotFoundException {
		if (!this.names.contains(name)) {
			throw new ClassNotFoundException(name);
		}
		byte[] bytes = ClassFile.of().build(ClassDesc.of(name), (_) -> {
		});
		return defineClass(name, bytes, 0, bytes.length);
	}

}
