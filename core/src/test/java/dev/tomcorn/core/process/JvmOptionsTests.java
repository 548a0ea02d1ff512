package dev.tomcorn.core.process;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class JvmOptionsTests {

	@Test
	void aotCacheIsUsedByTheWorkersToo() {
		JvmOptions options = of(List.of("-XX:AOTCache=app.aot"));
		assertThat(options.useAotCache()).isTrue();
		assertThat(texts(options.kept())).containsExactly("-XX:AOTCache=app.aot");
		assertThat(of(List.of("-XX:SharedArchiveFile=app.jsa")).useAotCache()).isTrue();
		assertThat(of(List.of("-XX:AOTCacheOutput=app.aot")).useAotCache()).isFalse();
	}

	@Test
	void archiveThatIsOutOfDateKeepsNoWorkerFromBooting() {
		JvmOptions options = of(List.of("-XX:AOTMode=on", "-Xshare:on", "-XX:AOTMode=off"));
		assertThat(texts(options.kept())).containsExactly("-XX:AOTMode=auto", "-Xshare:auto", "-XX:AOTMode=off");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xmx512m", "-XX:MaxRAMPercentage=50", "-Dserver.port=8080", "-ea", "-XX:+UseZGC",
			"-javaagent:/opt/agent.jar", "-XX:AOTCache=app.aot", "-XX:AOTMode=auto", "-Xlog:gc", "-Xlog:gc*:stdout",
			"-Xlog:gc*:stderr:uptime,tags", "-Dcom.sun.management.jmxremote",
			"-Dcom.sun.management.jmxremote.authenticate=false", "-Dname=-agentlib:jdwp", "-Dtext=a\n-Xdebug",
			"-XX:ErrorFile=/var/log/hs_err_%p.log", "--enable-native-access=ALL-UNNAMED", "-Dempty=",
			"-XX:StartFlightRecording", "-XX:StartFlightRecording:maxage=5m,filename=/tmp",
			"-XX:FlightRecorderOptions:repository=/tmp/jfr", "-Xlog:gc:file=/dev/stderr", "-Xlog:async",
			"-Xlog:disable" })
	void optionThatJvmsCanShareIsKept(String option) {
		assertThat(of(List.of(option))).isEqualTo(kept(option));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
			"-Xrunjdwp:transport=dt_socket,address=5005", "-Xdebug", "-Dcom.sun.management.jmxremote.port=9010",
			"-Dcom.sun.management.jmxremote.rmi.port=9011", "-XX:AOTCacheOutput=app.aot", "-XX:AOTMode=record",
			"-XX:AOTConfiguration=app.conf", "-XX:ArchiveClassesAtExit=app.jsa" })
	void optionThatJvmsCannotShareIsLeft(String option) {
		assertThat(of(List.of(option))).isEqualTo(new JvmOptions(List.of(), List.of(option)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xlog:gc*:file=gc-{worker}.log", "-Xlog:gc*:file=gc-%p.log",
			"-XX:StartFlightRecording:filename=rec-%p.jfr", "-Dcom.sun.management.jmxremote.port=901{worker}",
			"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=500{worker}" })
	void optionThatTellsWorkersApartIsKept(String option) {
		assertThat(of(List.of(option))).isEqualTo(kept(option));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '>', quoteCharacter = '`',
			textBlock = """
					-Xlog:gc*:file=gc.log                                  > -Xlog:gc*:file=gc-2b.log
					-Xlog:gc*:file=gc.log:time:filecount=5                 > -Xlog:gc*:file=gc-2b.log:time:filecount=5
					-Xlog:gc*:gc.log                                       > -Xlog:gc*:gc-2b.log
					-Xlog:gc*:/var/log.d/gc:time                           > -Xlog:gc*:/var/log.d/gc-2b:time
					-Xlog::vm.log                                          > -Xlog::vm-2b.log
					-Xlog:gc*:"a:b.log":time                               > -Xlog:gc*:"a:b-2b.log":time
					-Xlog:gc*:file="a,b.log"                               > -Xlog:gc*:file="a,b-2b.log"
					-Xlog:gc*:file=gc-{worker}.log                         > -Xlog:gc*:file=gc-2b.log
					-Xlog:gc*:file=gc-%p.log                               > -Xlog:gc*:file=gc-%p.log
					-Xloggc:gc.log                                         > -Xloggc:gc-2b.log
					-XX:LogFile=/var/log/vm.log                            > -XX:LogFile=/var/log/vm-2b.log
					-XX:StartFlightRecording:filename=rec.jfr              > -XX:StartFlightRecording:filename=rec-2b.jfr
					-XX:StartFlightRecording=maxage=5m,filename=r.jfr,a=b  > -XX:StartFlightRecording=maxage=5m,filename=r-2b.jfr,a=b
					-Dcom.sun.management.jmxremote.port=901{worker}        > -Dcom.sun.management.jmxremote.port=9012
					-Dcom.sun.management.jmxremote.port={worker+9010}      > -Dcom.sun.management.jmxremote.port=9012
					-Da={worker+0}-{worker}-{worker+} {worker-1}           > -Da=2-2-{worker+} {worker-1}
					""")
	void filesAreToldApartByTheLabelAndAnythingElseByTheNumber(String option, String worker) {
		JvmOptions options = of(List.of(option));
		assertThat(options.left()).isEmpty();
		assertThat(texts(options.forWorker(new WorkerLabel(2, 1), 2))).containsExactly(worker);
	}

	@Test
	void orderIsKept() {
		JvmOptions options = of(List.of("-Da=1", "-Xdebug", "-Da=2", "-XX:AOTMode=record", "-Db"));
		assertThat(texts(options.kept())).containsExactly("-Da=1", "-Da=2", "-Db");
		assertThat(options.left()).containsExactly("-Xdebug", "-XX:AOTMode=record");
	}

	@Test
	void placeholderBecomesTheNumberWhereverItStands() {
		JvmOptions options = of(List.of("-Dname={worker}-of-{worker}", "-Dother=%p", "-Dregex=$1\\"));
		assertThat(texts(options.forWorker(new WorkerLabel(12, 1), 14))).containsExactly("-Dname=14-of-14",
				"-Dother=%p", "-Dregex=$1\\");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "-Xmx512m", "-Xms1g", "-XX:MaxHeapSize=1g", "-XX:InitialHeapSize=64m", "-XX:+AggressiveHeap" })
	void sizeOfTheHeapIsAChoice(String option) {
		assertThat(of(List.of("-ea", option)).setHeapSize()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:MaxRAMPercentage=50", "-Xmn64m", "-Xss1m", "-Dx=-Xmx1g", "-XX:MaxHeapFreeRatio=3" })
	void anythingElseIsNoChoiceOfAHeapSize(String option) {
		assertThat(of(List.of(option)).setHeapSize()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "-javaagent:/opt/idea/lib/idea_rt.jar=45671:/opt/idea/bin", "-javaagent:/x/idea_rt.jar",
			"-javaagent:/opt/idea/plugins/java/lib/rt/debugger-agent.jar=file:///tmp/capture.props" })
	void whatAnIdeAttachesToItsOneJvmIsLeftWithoutAWord(String option) {
		assertThat(of(List.of(option))).isEqualTo(new JvmOptions(List.of(), List.of()));
	}

	@Test
	void optionsForWorkersOnlyComeLastAndArePassedWhateverTheyAre() {
		JvmOptions options = of(List.of("-Da=1"))
			.and(List.of("-Da=2", "-agentlib:jdwp=address=5005", "-Xlog:gc:gc.log"));
		assertThat(options.forWorker(new WorkerLabel(1, 0), 1)).containsExactly(CommandWord.visible("-Da=1"),
				CommandWord.hidden("-Da=2"), CommandWord.hidden("-agentlib:jdwp=address=5005"),
				CommandWord.hidden("-Xlog:gc:gc-1.log"));
	}

	@Test
	void quotesKeepSpacesTogether() {
		assertThat(JvmOptions.split(" -Da=1  '-Db=x y' -Dc=\"x' y\"\n-Dd=#1\t-De=\\ ")).containsExactly("-Da=1",
				"-Db=x y", "-Dc=x' y", "-Dd=#1", "-De=\\");
	}

	private static JvmOptions of(List<String> options) {
		return JvmOptions.of(options.stream().map(CommandWord::visible).toList());
	}

	private static JvmOptions kept(String option) {
		return new JvmOptions(List.of(CommandWord.visible(option)), List.of());
	}

	private static List<String> texts(List<CommandWord> words) {
		return words.stream().map(CommandWord::text).toList();
	}

}
