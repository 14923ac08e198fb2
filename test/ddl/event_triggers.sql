-- Event triggers: which fire, in what order, what their functions see, and what a failing one undoes.
CREATE TABLE log (n serial, line text);
CREATE FUNCTION note() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE 'note: % %', tg_event, tg_tag;
  INSERT INTO log (line) VALUES (tg_event || ' ' || tg_tag);
END $$;
SELECT note();
CREATE FUNCTION wrong(int) RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION wrong() RETURNS event_trigger LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION plain() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE EVENT TRIGGER wrong ON elephant_bootstrap EXECUTE FUNCTION note();
CREATE EVENT TRIGGER wrong ON ddl_command_start EXECUTE FUNCTION plain();
CREATE EVENT TRIGGER wrong ON ddl_command_start EXECUTE FUNCTION nothing();
CREATE EVENT TRIGGER wrong ON ddl_command_start WHEN food IN ('sandwich') EXECUTE FUNCTION note();
CREATE EVENT TRIGGER wrong ON ddl_command_start WHEN tag IN ('sandwich') EXECUTE FUNCTION note();
CREATE EVENT TRIGGER wrong ON ddl_command_start WHEN tag IN ('CREATE ROLE') EXECUTE FUNCTION note();
CREATE EVENT TRIGGER wrong ON table_rewrite WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION note();
CREATE EVENT TRIGGER before_all ON ddl_command_start EXECUTE FUNCTION note();
CREATE EVENT TRIGGER after_tables ON ddl_command_end WHEN tag IN ('create table', 'DROP TABLE') EXECUTE FUNCTION note();
CREATE EVENT TRIGGER before_all ON ddl_command_start EXECUTE FUNCTION note();
COMMENT ON EVENT TRIGGER before_all IS 'everything';
\dy+
CREATE TABLE t (a int);
CREATE VIEW v AS SELECT * FROM t;
CREATE ROLE event_user;
ALTER EVENT TRIGGER before_all DISABLE;
ALTER TABLE t ADD COLUMN b int;
ALTER EVENT TRIGGER before_all ENABLE REPLICA;
COMMENT ON TABLE t IS 'quiet';
ALTER EVENT TRIGGER before_all ENABLE ALWAYS;
COMMENT ON TABLE t IS 'noisy';
ALTER EVENT TRIGGER before_all DISABLE;
SELECT line FROM log ORDER BY n;
SELECT evtname, evtevent, evtenabled, evttags FROM pg_event_trigger ORDER BY 1;
CREATE FUNCTION dropped() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE object record;
BEGIN
  FOR object IN SELECT * FROM pg_event_trigger_dropped_objects() WHERE object_type IN ('table', 'view', 'function', 'server') ORDER BY object_identity LOOP
    RAISE NOTICE '% % original %', object.object_type, object.object_identity, object.original;
  END LOOP;
END $$;
CREATE EVENT TRIGGER watch_drops ON sql_drop EXECUTE FUNCTION dropped();
SELECT * FROM pg_event_trigger_dropped_objects();
SELECT * FROM pg_event_trigger_ddl_commands();
SELECT pg_event_trigger_table_rewrite_oid();
DROP TABLE t CASCADE;
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'no % today', tg_tag;
END $$;
CREATE EVENT TRIGGER no_tables ON ddl_command_end WHEN tag IN ('CREATE TABLE') EXECUTE FUNCTION refuse();
CREATE TABLE refused (a int);
SELECT to_regclass('refused');
DROP EVENT TRIGGER no_tables;
CREATE FUNCTION made() RETURNS event_trigger LANGUAGE plpgsql AS $$
DECLARE object record;
BEGIN
  FOR object IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP
    RAISE NOTICE '% % %', object.command_tag, object.object_type, object.object_identity;
  END LOOP;
END $$;
CREATE EVENT TRIGGER watch_made ON ddl_command_end WHEN tag IN ('CREATE SCHEMA', 'CREATE VIEW', 'CREATE FUNCTION', 'ALTER TABLE') EXECUTE FUNCTION made();
CREATE SCHEMA made_schema;
CREATE VIEW made_schema.v AS SELECT 1 AS one;
CREATE FUNCTION made_schema.f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION rewritten() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE NOTICE 'rewriting % because of %', pg_event_trigger_table_rewrite_oid()::regclass, pg_event_trigger_table_rewrite_reason();
END $$;
CREATE EVENT TRIGGER watch_rewrites ON table_rewrite EXECUTE FUNCTION rewritten();
CREATE TABLE r (a int, b text);
INSERT INTO r VALUES (1, 'x');
ALTER TABLE r ALTER COLUMN a TYPE numeric;
ALTER TABLE r ADD COLUMN c double precision DEFAULT random();
ALTER TABLE r ADD COLUMN d int DEFAULT 1;
ALTER EVENT TRIGGER watch_made RENAME TO before_all;
ALTER EVENT TRIGGER watch_made RENAME TO made;
ALTER EVENT TRIGGER made OWNER TO event_user;
DROP FUNCTION made();
DROP FUNCTION made() CASCADE;
SET ROLE event_user;
CREATE EVENT TRIGGER own ON ddl_command_start EXECUTE FUNCTION note();
DROP EVENT TRIGGER watch_rewrites;
RESET ROLE;
DROP SCHEMA made_schema CASCADE;
DROP EVENT TRIGGER IF EXISTS nothing;
DROP EVENT TRIGGER watch_drops;
DROP EVENT TRIGGER watch_rewrites;
DROP EVENT TRIGGER after_tables;
DROP EVENT TRIGGER before_all;
DROP ROLE event_user;
CREATE FUNCTION early() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RETURN; END';
CREATE EVENT TRIGGER early ON ddl_command_end EXECUTE FUNCTION early();
CREATE TABLE with_early (a int);
DROP EVENT TRIGGER early;
