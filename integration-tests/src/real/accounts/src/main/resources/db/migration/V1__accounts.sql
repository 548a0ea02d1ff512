create table account (balance bigint not null);
insert into account values (0);
create table entry (id bigserial primary key, amount bigint not null);
