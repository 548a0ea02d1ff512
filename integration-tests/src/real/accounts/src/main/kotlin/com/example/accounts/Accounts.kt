package com.example.accounts

import jakarta.servlet.http.HttpSession
import org.springframework.boot.autoconfigure.SpringBootApplication
import org.springframework.boot.runApplication
import org.springframework.context.annotation.Bean
import org.springframework.jdbc.core.simple.JdbcClient
import org.springframework.security.config.Customizer
import org.springframework.security.config.annotation.web.builders.HttpSecurity
import org.springframework.security.web.SecurityFilterChain
import org.springframework.transaction.annotation.Transactional
import org.springframework.web.bind.annotation.GetMapping
import org.springframework.web.bind.annotation.RestController

@SpringBootApplication
class Accounts {

	@Bean
	fun security(http: HttpSecurity): SecurityFilterChain = http
		.authorizeHttpRequests {
			it.requestMatchers("/actuator/**", "/difference").permitAll().anyRequest().authenticated()
		}
		.formLogin(Customizer.withDefaults())
		.build()

}

@RestController
class AccountController(private val jdbc: JdbcClient) {

	@GetMapping("/balance")
	fun balance(): Long = number("select balance from account")

	@Transactional
	@GetMapping("/deposit")
	fun deposit(): Long {
		this.jdbc.sql("insert into entry (amount) values (1)").update()
		this.jdbc.sql("update account set balance = balance + 1").update()
		return balance()
	}

	@GetMapping("/difference")
	fun difference(): Long = number("select (select sum(amount) from entry) - balance from account")

	@GetMapping("/visits")
	fun visits(session: HttpSession): Int {
		val visits = (session.getAttribute("visits") as Int? ?: 0) + 1
		session.setAttribute("visits", visits)
		return visits
	}

	private fun number(sql: String): Long = this.jdbc.sql(sql).query(Long::class.java).single()

}

fun main(arguments: Array<String>) {
	runApplication<Accounts>(*arguments)
}
