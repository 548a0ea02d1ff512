package dev.tomcorn.core.process;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class WorkerLabelTests {

	@Test
	void onlyOverlappingWorkersHaveALetter() {
		assertThat(new WorkerLabel(12, 0)).hasToString("12");
		assertThat(new WorkerLabel(12, 1)).hasToString("12b");
		assertThat(new WorkerLabel(0, 7)).hasToString("0h");
	}

	@ParameterizedTest
	@CsvSource(delimiter = '>', quoteCharacter = '`', textBlock = """
			app.log                                > app-2b.log
			/var/log.d/my.app.log                  > /var/log.d/my.app-2b.log
			logs.d/app                             > logs.d/app-2b
			logs/.hidden                           > logs/.hidden-2b
			.log                                   > .log-2b
			app-{worker}-{worker}.log              > app-2b-2b.log
			{worker}/app.log                       > 2b/app.log
			app.%d{yyyy.MM/dd, aux}.%i.log.gz      > app.%d{yyyy.MM/dd, aux}.%i.log-2b.gz
			logs/app.%d{yyyy.MM.dd}                > logs/app-2b.%d{yyyy.MM.dd}
			/dev/stdout                            > /dev/stdout
			/proc/self/fd/1                        > /proc/self/fd/1
			/dev/shm/app.log                       > /dev/shm/app-2b.log
			""")
	void nameCarriesTheLabel(String file, String worker) {
		assertThat(new WorkerLabel(2, 1).in(file)).isEqualTo(worker);
	}

	@Test
	void environmentCarriesTheLabelToTheWorker() {
		WorkerLabel label = new WorkerLabel(2, 3);
		assertThat(WorkerLabel.fromEnvironment(label.toEnvironment(), 2)).isEqualTo(label);
		assertThat(WorkerLabel.fromEnvironment(Map.of("TOMCORN_WORKER_LABEL", "garbage"), 2))
			.isEqualTo(new WorkerLabel(2, 0));
		assertThat(WorkerLabel.fromEnvironment(Map.of(), 2)).isEqualTo(new WorkerLabel(2, 0));
	}

}
