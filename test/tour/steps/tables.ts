// What a table, a query and a document can be.

import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';

export async function createTables(stage: Stage): Promise<void> {
  await stage.show(`CREATE TABLE customer (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  email text UNIQUE,
  contact jsonb NOT NULL DEFAULT '{}')`);
  await stage.show(`CREATE TABLE bike (
  id serial PRIMARY KEY,
  customer_id int NOT NULL REFERENCES customer ON DELETE CASCADE,
  model text NOT NULL,
  gears int CHECK (gears BETWEEN 1 AND 30),
  colours text[] NOT NULL DEFAULT '{}')`);
  await stage.show(`CREATE TABLE part (
  number text PRIMARY KEY,
  name text NOT NULL,
  price numeric(8, 2) NOT NULL CHECK (price >= 0),
  stock int NOT NULL DEFAULT 0)`);
  await stage.show(`CREATE TABLE repair (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  bike_id int NOT NULL REFERENCES bike,
  part_number text REFERENCES part,
  due date NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'working', 'done')),
  hours numeric(4, 1) NOT NULL)`);
  await stage.show("CREATE INDEX repair_due ON repair (due) WHERE state <> 'done'");
  await stage.quietly(`INSERT INTO customer (name, email, contact) VALUES
    ('Ada Brandt', 'ada@example.org', '{"phone": ["030 1234"], "newsletter": true}'),
    ('Bruno Costa', 'bruno@example.org', '{"phone": ["0171 55", "030 99"]}'),
    ('Chiyo Mori', NULL, '{"newsletter": false}')`);
  await stage.quietly(`INSERT INTO bike (customer_id, model, gears, colours) VALUES
    (1, 'Tourer', 21, '{green,black}'), (1, 'Folding', 3, '{red}'), (2, 'Racer', 22, '{blue,white}')`);
  await stage.quietly(`INSERT INTO part VALUES
    ('CH-11', 'chain', 24.90, 7), ('BR-02', 'brake pad', 6.50, 40), ('TY-28', 'tyre 28 inch', 31.00, 4)`);
  await stage.quietly(`INSERT INTO repair (bike_id, part_number, due, hours) VALUES
    (1, 'CH-11', '2024-05-02', 1.5), (1, 'BR-02', '2024-05-02', 0.5), (2, 'TY-28', '2024-05-03', 1.0),
    (3, 'BR-02', '2024-05-04', 0.5), (3, NULL, '2024-05-06', 3.0)`);
  await stage.fails(
    '23514',
    "INSERT INTO bike (customer_id, model, gears) VALUES (1, 'Rocket', 99)",
  );
  await stage.fails(
    '23503',
    "INSERT INTO bike (customer_id, model, gears) VALUES (77, 'Tandem', 8)",
  );
}

export async function queries(stage: Stage): Promise<void> {
  await stage.show(`SELECT c.name, b.model, count(r.id) AS repairs, sum(r.hours) AS hours,
  sum(p.price) FILTER (WHERE p.price > 10) AS dear_parts
FROM customer c LEFT JOIN bike b ON b.customer_id = c.id
  LEFT JOIN repair r ON r.bike_id = b.id LEFT JOIN part p ON p.number = r.part_number
GROUP BY c.id, c.name, b.model ORDER BY hours DESC NULLS LAST, c.name`);
  const days = await stage.show(`WITH RECURSIVE day(d) AS (
  SELECT date '2024-05-02' UNION ALL SELECT d + 1 FROM day WHERE d < '2024-05-06')
SELECT d, coalesce(sum(hours), 0) AS hours, sum(sum(hours)) OVER (ORDER BY d) AS so_far
FROM day LEFT JOIN repair ON due = d GROUP BY d ORDER BY d`);
  assert.equal(days.at(-1)?.[2], '6.5');
}

export async function upsert(stage: Stage): Promise<void> {
  const rows =
    await stage.show(`INSERT INTO part VALUES ('CH-11', 'chain', 24.90, 5), ('BE-01', 'bell', 4.20, 9)
ON CONFLICT (number) DO UPDATE SET stock = part.stock + excluded.stock
RETURNING number, stock`);
  assert.deepEqual(rows, [
    ['CH-11', '12'],
    ['BE-01', '9'],
  ]);
}

export async function documents(stage: Stage): Promise<void> {
  await stage.show(`SELECT name, contact -> 'phone' ->> 0 AS phone, contact @> '{"newsletter": true}' AS news
FROM customer ORDER BY id`);
  const colours = await stage.show(`SELECT colour, array_agg(model ORDER BY model) AS bikes
FROM bike, unnest(colours) AS colour WHERE NOT 'red' = ANY (colours) GROUP BY colour ORDER BY colour`);
  assert.equal(colours.length, 4);
}
