-- drop table visit by hand
CREATE TABLE IF NOT EXISTS visit (id INT, deleted BOOLEAN);
