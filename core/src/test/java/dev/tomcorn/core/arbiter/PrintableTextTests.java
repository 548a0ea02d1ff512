package dev.tomcorn.core.arbiter;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PrintableTextTests {

	@Test
	void nothingMovesTheCursorOrReversesTheText() {
		assertThat(PrintableText.line("a\u001B[2Jb\u0007\rc\nd\te\u007F\u009Bf\u202Eg\u2066h\u2028i\uFEFFj\uD800"))
			.isEqualTo("a?[2Jb??c?d?e??f?g?h?i?j?");
		assertThat(PrintableText.line("x\uDB40\uDC41y")).as("an invisible letter").isEqualTo("x?y");
	}

	@Test
	void linesStayWhereThereMayBeSeveral() {
		assertThat(PrintableText.lines("a\r\nb\n\tc\rd\u001B[0m")).isEqualTo("a\nb\n\tc?d?[0m");
	}

	@Test
	void everyLanguageIsKept() {
		String text = "größer Ελλ 店 \uD83D\uDC69\u200D\uD83D\uDCBB می\u200Cخواهم";
		assertThat(PrintableText.line(text)).isSameAs(text);
		assertThat(PrintableText.lines(text)).isSameAs(text);
	}

}
