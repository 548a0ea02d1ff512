package com.example.accounts

import org.junit.jupiter.api.Test
import org.springframework.beans.factory.annotation.Autowired
import org.springframework.boot.test.context.SpringBootTest
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc
import org.springframework.security.test.context.support.WithMockUser
import org.springframework.test.web.servlet.MockMvc
import org.springframework.test.web.servlet.get

@SpringBootTest
@AutoConfigureMockMvc
class AccountsTests(@Autowired private val mvc: MockMvc) {

	@Test
	@WithMockUser
	fun depositIsInTheBalance() {
		this.mvc.get("/deposit").andExpect { status { isOk() } }
		this.mvc.get("/difference").andExpect { content { string("0") } }
	}

	@Test
	fun strangerSignsInFirst() {
		this.mvc.get("/balance").andExpect { status { is3xxRedirection() } }
	}

}
