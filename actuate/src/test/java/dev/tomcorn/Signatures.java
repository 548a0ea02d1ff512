package dev.tomcorn;

import java.lang.annotation.Retention;
import java.lang.annotation.Target;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * The signature of a type, in lines: the type, its supertypes, and its public and
 * protected members and nested types.
 */
final class Signatures {

	/**
	 * Every record and enum has these.
	 */
	private static final Set<String> GIVEN = Set.of("equals", "hashCode", "toString", "values", "valueOf");

	private Signatures() {
	}

	/**
	 * Return the lines of a type, its nested types after it.
	 */
	static Stream<String> of(Class<?> type) {
		return Stream
			.of(Stream.of(head(type)), members(type).map((line) -> "\t" + line),
					Arrays.stream(type.getDeclaredClasses())
						.filter((nested) -> isVisible(nested.getModifiers(), type))
						.sorted(Comparator.comparing(Class::getName))
						.flatMap((nested) -> Signatures.of(nested).map((line) -> "\t" + line)))
			.flatMap((lines) -> lines);
	}

	private static boolean isVisible(int modifiers, Class<?> owner) {
		return Modifier.isPublic(modifiers) || (Modifier.isProtected(modifiers) && !isClosed(owner));
	}

	private static boolean isClosed(Class<?> type) {
		return Modifier.isFinal(type.getModifiers()) || type.isSealed();
	}

	private static String head(Class<?> type) {
		String kind = type.isAnnotation() ? "@interface"
				: type.isInterface() ? "interface" : type.isRecord() ? "record" : type.isEnum() ? "enum" : "class";
		boolean plain = kind.equals("class");
		return Stream
			.of(annotations(type), plain && Modifier.isAbstract(type.getModifiers()) ? "abstract" : "",
					plain && Modifier.isFinal(type.getModifiers()) ? "final" : "", type.isSealed() ? "sealed" : "",
					kind, name(type) + (type.isRecord() ? components(type) : ""), parents(type))
			.filter((word) -> !word.isEmpty())
			.collect(Collectors.joining(" "));
	}

	private static String annotations(Class<?> type) {
		Target target = type.getAnnotation(Target.class);
		Retention retention = type.getAnnotation(Retention.class);
		return ((target != null) ? Arrays.toString(target.value()) + " " : "")
				+ ((retention != null) ? retention.value() : "");
	}

	private static String components(Class<?> type) {
		return Arrays.stream(type.getRecordComponents())
			.map((component) -> type(component.getAnnotatedType(), component.getGenericType()) + " "
					+ component.getName())
			.collect(Collectors.joining(", ", "(", ")"));
	}

	private static String parents(Class<?> type) {
		Class<?> parent = type.getSuperclass();
		boolean told = parent != null && parent != Object.class && parent != Record.class && !type.isEnum();
		String interfaces = type.isAnnotation() ? ""
				: Arrays.stream(type.getGenericInterfaces()).map(Signatures::name).collect(Collectors.joining(", "));
		return (told ? "extends " + name(type.getGenericSuperclass()) : "")
				+ (interfaces.isEmpty() ? "" : (type.isInterface() ? "extends " : "implements ") + interfaces);
	}

	private static Stream<String> members(Class<?> type) {
		Set<String> components = type.isRecord()
				? Arrays.stream(type.getRecordComponents()).map(RecordComponent::getName).collect(Collectors.toSet())
				: Set.of();
		Stream<String> constructors = type.isRecord() ? Stream.empty()
				: visible(type.getDeclaredConstructors(), type).map(Signatures::constructor);
		// The order of constants is part of what compareTo and a switch in a page rely on
		Stream<String> constants = visible(type.getDeclaredFields(), type).filter(Field::isEnumConstant)
			.map(Field::getName);
		Stream<String> fields = visible(type.getDeclaredFields(), type).filter((field) -> !field.isEnumConstant())
			.map((field) -> modifiers(field, type) + type(field.getAnnotatedType(), field.getGenericType()) + " "
					+ field.getName())
			.sorted();
		Stream<String> methods = visible(type.getDeclaredMethods(), type)
			.filter((method) -> !method.isSynthetic() && !GIVEN.contains(method.getName())
					&& !(components.contains(method.getName()) && method.getParameterCount() == 0))
			.map((method) -> method(method, type))
			.sorted();
		return Stream.of(constants, fields, constructors.sorted(), methods).flatMap((lines) -> lines);
	}

	private static <T extends Member & AnnotatedElement> Stream<T> visible(T[] members, Class<?> owner) {
		return Arrays.stream(members).filter((member) -> isVisible(member.getModifiers(), owner));
	}

	private static String constructor(Constructor<?> constructor) {
		return constructor.getDeclaringClass().getSimpleName()
				+ parameters(constructor.getAnnotatedParameterTypes(), constructor.getGenericParameterTypes())
				+ thrown(constructor.getGenericExceptionTypes());
	}

	private static String method(Method method, Class<?> owner) {
		return (method.isDefault() ? "default " : "") + modifiers(method, owner)
				+ type(method.getAnnotatedReturnType(), method.getGenericReturnType()) + " " + method.getName()
				+ parameters(method.getAnnotatedParameterTypes(), method.getGenericParameterTypes())
				+ thrown(method.getGenericExceptionTypes());
	}

	private static String modifiers(Member member, Class<?> owner) {
		int told = Modifier.PROTECTED | Modifier.STATIC | (owner.isInterface() ? 0 : Modifier.ABSTRACT)
				| (isClosed(owner) ? 0 : Modifier.FINAL);
		String text = Modifier.toString(member.getModifiers() & told);
		return text.isEmpty() ? "" : text + " ";
	}

	private static String parameters(AnnotatedType[] annotated, Type[] types) {
		return IntStream.range(0, types.length)
			.mapToObj((number) -> type(annotated[number], types[number]))
			.collect(Collectors.joining(", ", "(", ")"));
	}

	private static String thrown(Type[] types) {
		return (types.length == 0) ? ""
				: Arrays.stream(types).map(Signatures::name).collect(Collectors.joining(", ", " throws ", ""));
	}

	private static String type(AnnotatedType annotated, Type type) {
		return (annotated.isAnnotationPresent(Nullable.class) ? "@Nullable " : "") + name(type);
	}

	private static String name(Type type) {
		return type.getTypeName().replace('$', '.').replaceAll("java\\.(lang|util)\\.(?=[A-Z])", "");
	}

}
