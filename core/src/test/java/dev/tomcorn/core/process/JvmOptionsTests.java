package dev.tomcorn.core.process;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class JvmOptionsTests {

	@ParameterizedTest
	@ValueSource(strings = { "-Xmx512m", "-XX:MaxRAMPercentage=50", "-Dserver.port=8080", "-ea", "-XX:+UseZGC",
			"-javaagent:/opt/agent.jar", "-XX:AOTCache=app.aot", "-XX:AOTMode=on", "-Xlog:gc", "-Xlog:gc*:stdout",
			"-Xlog:gc*:stderr:uptime,tags", "-Dcom.sun.management.jmxremote",
			"-Dcom.sun.management.jmxremote.authenticate=false", "-Dname=-agentlib:jdwp", "-Dtext=a\n-Xdebug",
			"-XX:ErrorFile=/var/log/hs_err_%p.log", "--enable-native-access=ALL-UNNAMED", "-Dempty=" })
	void optionThatJvmsCanShareIsKept(String option) {
		assertThat(JvmOptions.of(List.of(option))).isEqualTo(new JvmOptions(List.of(option), List.of()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=5005",
			"-Xrunjdwp:transport=dt_socket,address=5005", "-Xdebug", "-Dcom.sun.management.jmxremote.port=9010",
			"-Dcom.sun.management.jmxremote.rmi.port=9011", "-XX:AOTCacheOutput=app.aot", "-XX:AOTMode=record",
			"-XX:AOTConfiguration=app.conf", "-XX:ArchiveClassesAtExit=app.jsa", "-XX:StartFlightRecording",
			"-XX:StartFlightRecording:filename=rec.jfr", "-XX:FlightRecorderOptions:repository=/tmp/jfr",
			"-Xlog:gc*:file=gc.log", "-Xlog:gc*:file=gc.log:time:filecount=5", "-Xloggc:gc.log", "-XX:LogFile=vm.log",
			"-Xlog:gc*:file=a\nb.log", "-Xlog:gc*:gc.log", "-Xlog:gc*:/var/log/gc.log:time", "-Xlog::vm.log",
			"-Xlog:gc*:\"gc.log\"" })
	void optionThatJvmsCannotShareIsLeft(String option) {
		assertThat(JvmOptions.of(List.of(option))).isEqualTo(new JvmOptions(List.of(), List.of(option)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xlog:gc*:file=gc-{worker}.log", "-Xlog:gc*:file=gc-%p.log",
			"-XX:StartFlightRecording:filename=rec-%p.jfr", "-Dcom.sun.management.jmxremote.port=901{worker}",
			"-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=500{worker}" })
	void optionThatTellsWorkersApartIsKept(String option) {
		assertThat(JvmOptions.of(List.of(option))).isEqualTo(new JvmOptions(List.of(option), List.of()));
	}

	@Test
	void orderIsKept() {
		JvmOptions options = JvmOptions.of(List.of("-Da=1", "-Xdebug", "-Da=2", "-Xloggc:x", "-Db"));
		assertThat(options.kept()).containsExactly("-Da=1", "-Da=2", "-Db");
		assertThat(options.left()).containsExactly("-Xdebug", "-Xloggc:x");
	}

	@Test
	void placeholderBecomesTheIndexWhereverItStands() {
		JvmOptions options = JvmOptions.of(List.of("-Dname={worker}-of-{worker}", "-Dother=%p", "-Dregex=$1\\"));
		assertThat(options.forWorker(12)).containsExactly("-Dname=12-of-12", "-Dother=%p", "-Dregex=$1\\");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-Xmx512m", "-Xms1g", "-XX:MaxHeapSize=1g", "-XX:InitialHeapSize=64m" })
	void sizeOfTheHeapIsAChoice(String option) {
		assertThat(JvmOptions.of(List.of("-ea", option)).setHeapSize()).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "-XX:MaxRAMPercentage=50", "-Xmn64m", "-Xss1m", "-Dx=-Xmx1g", "-XX:MaxHeapFreeRatio=3" })
	void anythingElseIsNoChoiceOfAHeapSize(String option) {
		assertThat(JvmOptions.of(List.of(option)).setHeapSize()).isFalse();
	}

}
