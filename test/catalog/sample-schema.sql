-- One object of each kind that a catalog tool shows.
CREATE SCHEMA store;
COMMENT ON SCHEMA store IS 'what is sold';
CREATE ROLE clerk LOGIN;
CREATE ROLE manager CREATEDB CONNECTION LIMIT 3;
COMMENT ON ROLE manager IS 'who decides';
GRANT clerk TO manager;
CREATE TABLE store.kind (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name varchar(30) NOT NULL UNIQUE
);
CREATE TABLE store.item (
  id serial PRIMARY KEY,
  kind_id int NOT NULL REFERENCES store.kind (id) ON DELETE CASCADE ON UPDATE SET NULL,
  name text NOT NULL DEFAULT 'none',
  price numeric(10,2) CHECK (price > 0),
  twice numeric GENERATED ALWAYS AS (price * 2) STORED,
  tags text[],
  added timestamp with time zone DEFAULT now(),
  data jsonb DEFAULT '{}'::jsonb,
  CONSTRAINT item_pair UNIQUE (kind_id, name) DEFERRABLE INITIALLY DEFERRED
);
COMMENT ON TABLE store.item IS 'an item';
COMMENT ON COLUMN store.item.price IS 'in euros';
CREATE INDEX item_name ON store.item (lower(name) DESC NULLS LAST) WHERE price > 1;
CREATE INDEX item_cover ON store.item (added) INCLUDE (name);
COMMENT ON INDEX store.item_cover IS 'covers';
CREATE UNLOGGED TABLE store.scratch (a int, b char(3), c bit varying(5));
CREATE SEQUENCE store.number START 10 INCREMENT 5 MAXVALUE 1000 CYCLE;
CREATE VIEW store.shown AS SELECT i.id, i.name, k.name AS kind FROM store.item i JOIN store.kind k ON k.id = i.kind_id WHERE i.price > 10;
COMMENT ON VIEW store.shown IS 'dear ones';
GRANT SELECT, INSERT ON store.item TO clerk;
GRANT UPDATE (price) ON store.item TO clerk WITH GRANT OPTION;
GRANT SELECT ON store.shown TO PUBLIC;
GRANT USAGE ON SCHEMA store TO clerk;
GRANT USAGE ON SEQUENCE store.number TO clerk;
ALTER DEFAULT PRIVILEGES IN SCHEMA store GRANT SELECT ON TABLES TO clerk;
INSERT INTO store.kind (name) VALUES ('book'), ('map');
INSERT INTO store.item (kind_id, name, price, added) VALUES (1, 'atlas', 30, '2024-02-29 12:00+00'), (2, 'plan', 5, NULL);
SET search_path = store, public;

CREATE SCHEMA tools;
CREATE EXTENSION hstore SCHEMA tools;
CREATE EXTENSION pg_trgm SCHEMA tools;
CREATE TABLE attributes (
  id int PRIMARY KEY,
  pairs tools.hstore DEFAULT ''::tools.hstore,
  lists tools.hstore[],
  title text
);
CREATE INDEX attributes_pairs ON attributes USING gin (pairs);
CREATE INDEX attributes_title ON attributes USING gin (title tools.gin_trgm_ops);
CREATE FUNCTION keys_of(tools.hstore) RETURNS text[] LANGUAGE sql AS 'SELECT tools.akeys($1)';
INSERT INTO attributes VALUES (1, 'a=>1, b=>NULL', '{"\"x\"=>\"y\""}', 'first');
