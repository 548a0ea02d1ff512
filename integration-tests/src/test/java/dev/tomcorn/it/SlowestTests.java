package dev.tomcorn.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/**
 * Ends a build with its ten slowest test classes, from the reports of all modules.
 */
final class SlowestTests {

	private static final int SHOWN = 10;

	private SlowestTests() {
	}

	/**
	 * Print the list.
	 * @param args the directory with the modules
	 */
	public static void main(String[] args) throws IOException, ParserConfigurationException, SAXException {
		Map<String, Double> seconds = new TreeMap<>();
		for (Path report : reports(Path.of(args[0]))) {
			addTo(seconds, report);
		}
		System.out.printf(
				"Slowest of %d test classes, by the sum of their tests, some of which ran at the same time:%n",
				seconds.size());
		seconds.entrySet()
			.stream()
			.sorted(Map.Entry.<String, Double>comparingByValue().reversed())
			.limit(SHOWN)
			.forEach((entry) -> System.out.printf("%7.1f s  %s%n", entry.getValue(), entry.getKey()));
	}

	private static List<Path> reports(Path root) throws IOException {
		try (Stream<Path> files = Files.find(root, 4,
				(path, attributes) -> path.toString().matches(".*/target/(surefire|failsafe)-reports/TEST-.*\\.xml"))) {
			return files.sorted().toList();
		}
	}

	private static void addTo(Map<String, Double> seconds, Path report)
			throws IOException, ParserConfigurationException, SAXException {
		NodeList tests = DocumentBuilderFactory.newDefaultInstance()
			.newDocumentBuilder()
			.parse(report.toFile())
			.getElementsByTagName("testcase");
		for (int i = 0; i < tests.getLength(); i++) {
			if (tests.item(i) instanceof Element test) {
				seconds.merge(test.getAttribute("classname"), seconds(test), Double::sum);
			}
		}
	}

	private static double seconds(Element test) {
		// Thousands are grouped
		return Double.parseDouble(test.getAttribute("time").replace(",", ""));
	}

}
