-- Foreign data: wrappers, servers, user mappings and foreign tables as objects; nothing behind them is read.
CREATE ROLE foreign_user;
CREATE FOREIGN DATA WRAPPER plain;
CREATE FOREIGN DATA WRAPPER plain;
CREATE FOREIGN DATA WRAPPER checked VALIDATOR postgresql_fdw_validator;
CREATE FOREIGN DATA WRAPPER wrong VALIDATOR nothing;
CREATE FOREIGN DATA WRAPPER wrong HANDLER nothing;
CREATE FOREIGN DATA WRAPPER wrong OPTIONS (a '1', a '2');
COMMENT ON FOREIGN DATA WRAPPER plain IS 'without a handler';
ALTER FOREIGN DATA WRAPPER plain OPTIONS (a '1', b '2 3');
ALTER FOREIGN DATA WRAPPER plain OPTIONS (SET a 'x', DROP b, ADD c 'y');
ALTER FOREIGN DATA WRAPPER plain OPTIONS (DROP b);
ALTER FOREIGN DATA WRAPPER checked OPTIONS (a '1');
\dew+
CREATE SERVER s1 TYPE 'any' VERSION '1.0' FOREIGN DATA WRAPPER plain OPTIONS (host 'h');
CREATE SERVER IF NOT EXISTS s1 FOREIGN DATA WRAPPER plain;
CREATE SERVER s2 FOREIGN DATA WRAPPER checked OPTIONS (host 'h', nothing '1');
CREATE SERVER s2 FOREIGN DATA WRAPPER checked OPTIONS (host 'h', port '1');
CREATE SERVER s3 FOREIGN DATA WRAPPER nothing;
ALTER SERVER s1 VERSION '2';
ALTER SERVER s2 RENAME TO s1;
ALTER SERVER s2 RENAME TO renamed;
ALTER SERVER renamed OWNER TO foreign_user;
COMMENT ON SERVER s1 IS 'a server';
GRANT USAGE ON FOREIGN SERVER s1 TO foreign_user;
GRANT USAGE ON FOREIGN DATA WRAPPER plain TO foreign_user WITH GRANT OPTION;
GRANT SELECT ON FOREIGN SERVER s1 TO foreign_user;
\des+
CREATE USER MAPPING FOR foreign_user SERVER s1 OPTIONS (user 'me', password 'secret');
CREATE USER MAPPING FOR foreign_user SERVER s1;
CREATE USER MAPPING IF NOT EXISTS FOR foreign_user SERVER s1;
CREATE USER MAPPING FOR public SERVER s1;
CREATE USER MAPPING FOR nobody SERVER s1;
ALTER USER MAPPING FOR foreign_user SERVER s1 OPTIONS (SET password 'other');
ALTER USER MAPPING FOR current_user SERVER s1;
\deu+
DROP USER MAPPING FOR current_user SERVER s1;
DROP USER MAPPING IF EXISTS FOR current_user SERVER s1;
DROP USER MAPPING IF EXISTS FOR nobody SERVER s1;
DROP USER MAPPING IF EXISTS FOR current_user SERVER nothing;
CREATE FOREIGN TABLE ft (
  a int OPTIONS (column_name 'x') NOT NULL,
  b text DEFAULT 'none',
  CHECK (a > 0)
) SERVER s1 OPTIONS (schema_name 'p', table_name 'q');
CREATE FOREIGN TABLE wrong (a int PRIMARY KEY) SERVER s1;
CREATE FOREIGN TABLE wrong (a int REFERENCES ft) SERVER s1;
CREATE FOREIGN TABLE wrong () SERVER nothing;
\d+ ft
\det+
SELECT * FROM ft;
EXPLAIN SELECT * FROM ft;
INSERT INTO ft VALUES (1);
UPDATE ft SET a = 1;
DELETE FROM ft;
TRUNCATE ft;
CREATE VIEW over_ft AS SELECT a FROM ft;
CREATE INDEX ON ft (a);
ALTER FOREIGN TABLE ft ADD COLUMN c date OPTIONS (p 'q');
ALTER FOREIGN TABLE ft ALTER COLUMN c OPTIONS (SET p 'r', ADD s 't');
ALTER FOREIGN TABLE ft ALTER COLUMN c TYPE timestamp;
ALTER FOREIGN TABLE ft OPTIONS (DROP table_name);
ALTER FOREIGN TABLE ft RENAME COLUMN c TO d;
ALTER FOREIGN TABLE ft ADD PRIMARY KEY (a);
ALTER FOREIGN TABLE ft OWNER TO foreign_user;
COMMENT ON FOREIGN TABLE ft IS 'far away';
\d+ ft
ALTER TABLE ft RENAME TO ft2;
ALTER FOREIGN TABLE IF EXISTS nothing RENAME TO ft3;
DROP TABLE ft2;
IMPORT FOREIGN SCHEMA remote FROM SERVER s1 INTO public;
IMPORT FOREIGN SCHEMA remote FROM SERVER s1 INTO nothing;
SELECT * FROM information_schema.foreign_data_wrappers ORDER BY 1, 2;
SELECT * FROM information_schema.foreign_servers ORDER BY 1, 2;
SELECT * FROM information_schema.foreign_server_options ORDER BY 1, 2, 3;
SELECT * FROM information_schema.user_mapping_options ORDER BY 1, 2, 3, 4;
SELECT * FROM information_schema.foreign_tables ORDER BY 1, 2, 3;
SELECT * FROM information_schema.foreign_table_options ORDER BY 1, 2, 3, 4;
SELECT srvname, usename, umoptions FROM pg_user_mappings ORDER BY 1, 2;
SET ROLE foreign_user;
CREATE SERVER own FOREIGN DATA WRAPPER plain;
CREATE SERVER own2 FOREIGN DATA WRAPPER checked;
CREATE FOREIGN DATA WRAPPER own;
DROP SERVER s1;
ALTER SERVER s1 OPTIONS (x '1');
CREATE USER MAPPING FOR postgres SERVER s1;
SELECT srvname, usename, umoptions FROM pg_user_mappings ORDER BY 1, 2;
SELECT has_server_privilege('s1', 'usage'), has_foreign_data_wrapper_privilege('plain', 'usage with grant option');
RESET ROLE;
DROP ROLE foreign_user;
DROP FOREIGN DATA WRAPPER plain;
DROP SERVER s1;
DROP FOREIGN DATA WRAPPER plain CASCADE;
DROP FOREIGN DATA WRAPPER IF EXISTS plain;
DROP SERVER IF EXISTS s1, renamed;
DROP FOREIGN DATA WRAPPER checked;
DROP ROLE foreign_user;
