CREATE TABLE proverb (
	id INTEGER PRIMARY KEY,
	text VARCHAR(200) NOT NULL
);

-- An embedded database answers at once: this makes it as slow as one across a network
CREATE ALIAS pause FOR "java.lang.Thread.sleep(long)";
