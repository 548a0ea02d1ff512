package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * A copy of a real application, built as its user builds it.
 *
 * @param jar the packaged application
 * @param tests the results of its own tests
 */
record RealBuild(Path jar, SortedMap<String, String> tests) {

	static final String PASSED = "passed";

	private static final boolean REUSE = Boolean.getBoolean("real.reuse");

	private static final String GROUP = "dev.tomcorn";

	private static final String STARTER = "tomcorn-spring-boot-starter";

	private static final List<String> MODULES = List.of("core", "autoconfigure", "actuate", "starter");

	/**
	 * Build an application and run its tests.
	 * @param application the application
	 * @param starter whether to add the starter
	 * @param directory where to put the copy
	 * @param build how to run Maven
	 */
	static RealBuild of(RealApplication application, boolean starter, Path directory, MavenBuild build)
			throws Exception {
		if (REUSE && Files.isDirectory(directory)) {
			return built(directory);
		}
		MavenBuild.deleteTree(directory);
		MavenBuild.copySources(application.sources(), directory);
		Path file = directory.resolve("pom.xml");
		Document pom = parse(file);
		application.boot().ifPresent((version) -> setBoot(pom, version));
		if (starter) {
			addStarter(pom);
		}
		TransformerFactory.newInstance()
			.newTransformer()
			.transform(new DOMSource(pom), new StreamResult(file.toFile()));
		Map<String, String> environment = new TreeMap<>(application.environment());
		environment.put("JAVA_HOME", System.getProperty("java.home"));
		build.run(directory,
				Documentation.ROOT.resolve("mvnw") + " -Dmaven.test.failure.ignore=true " + application.goals(),
				environment);
		return built(directory);
	}

	private static RealBuild built(Path directory) throws Exception {
		return new RealBuild(jar(directory.resolve("target")), tests(directory.resolve("target/surefire-reports")));
	}

	/**
	 * Put the starter of this build where an application's build finds it, like
	 * {@code install}.
	 */
	static void installStarter(Path repository) throws Exception {
		Path root = Documentation.ROOT.resolve("target/.flattened-pom.xml");
		install(repository, root, null);
		for (String module : MODULES) {
			Path target = Documentation.ROOT.resolve(module + "/target");
			Path pom = target.resolve(".flattened-pom.xml");
			install(repository, pom, target);
		}
	}

	private static void install(Path repository, Path pom, Path target) throws Exception {
		Element project = parse(pom).getDocumentElement();
		String artifact = text(project, "artifactId");
		String name = artifact + "-" + version();
		Path directory = repository.resolve(GROUP.replace('.', '/')).resolve(artifact).resolve(version());
		Files.createDirectories(directory);
		Files.write(directory.resolve(name + ".pom"), Files.readAllBytes(pom));
		if (target != null) {
			Files.write(directory.resolve(name + ".jar"), Files.readAllBytes(target.resolve(name + ".jar")));
		}
	}

	private static String version() throws Exception {
		return text(parse(Documentation.ROOT.resolve("target/.flattened-pom.xml")).getDocumentElement(), "version");
	}

	private static Document parse(Path file) throws Exception {
		return DocumentBuilderFactory.newDefaultInstance().newDocumentBuilder().parse(file.toFile());
	}

	private static void setBoot(Document pom, String version) {
		child(child(pom.getDocumentElement(), "parent"), "version").setTextContent(version);
	}

	private static void addStarter(Document pom) throws Exception {
		Element dependency = pom.createElement("dependency");
		for (Map.Entry<String, String> part : Map.of("groupId", GROUP, "artifactId", STARTER, "version", version())
			.entrySet()) {
			Element element = pom.createElement(part.getKey());
			element.setTextContent(part.getValue());
			dependency.appendChild(element);
		}
		child(pom.getDocumentElement(), "dependencies").appendChild(dependency);
	}

	private static Element child(Element parent, String name) {
		return elements(parent.getChildNodes()).filter((element) -> element.getTagName().equals(name))
			.findFirst()
			.orElseThrow();
	}

	private static String text(Element parent, String name) {
		return child(parent, name).getTextContent().strip();
	}

	private static Stream<Element> elements(NodeList nodes) {
		return IntStream.range(0, nodes.getLength())
			.mapToObj(nodes::item)
			.filter(Element.class::isInstance)
			.map(Element.class::cast);
	}

	private static Path jar(Path target) throws IOException {
		try (Stream<Path> files = Files.list(target)) {
			return files.filter((file) -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
		}
	}

	private static SortedMap<String, String> tests(Path reports) throws Exception {
		SortedMap<String, String> tests = new TreeMap<>();
		if (!Files.exists(reports)) {
			return tests;
		}
		List<Path> files;
		try (Stream<Path> all = Files.list(reports)) {
			files = all.filter((file) -> file.toString().endsWith(".xml")).toList();
		}
		for (Path file : files) {
			elements(parse(file).getElementsByTagName("testcase")).forEach((test) -> tests
				.put(test.getAttribute("classname") + "." + test.getAttribute("name"), outcome(test)));
		}
		return tests;
	}

	private static String outcome(Element test) {
		return elements(test.getChildNodes()).map(Element::getTagName)
			.filter(List.of("failure", "error", "skipped")::contains)
			.findFirst()
			.orElse(PASSED);
	}

}
