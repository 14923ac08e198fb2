// What applications keep in the database: code, rights, partitions, texts.

import assert from 'node:assert/strict';
import type { Stage } from '../stage.ts';

export async function functionsAndTriggers(stage: Stage): Promise<void> {
  await stage.show(`CREATE FUNCTION repair_cost(hours numeric, needed text) RETURNS numeric
LANGUAGE plpgsql STABLE AS $$
DECLARE
  material numeric;
BEGIN
  SELECT price INTO material FROM part WHERE number = needed;
  RETURN hours * 48 + coalesce(material, 0);
END $$`);
  const costs = await stage.show(
    'SELECT id, repair_cost(hours, part_number) AS cost FROM repair ORDER BY id LIMIT 2',
  );
  assert.deepEqual(costs[0], ['1', '96.90']);
  await stage.show(`CREATE FUNCTION take_part() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE part SET stock = stock - 1 WHERE number = NEW.part_number AND stock > 0;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no % in stock', NEW.part_number USING ERRCODE = 'P0001';
  END IF;
  RETURN NEW;
END $$`);
  await stage.show(`CREATE TRIGGER take_part BEFORE INSERT ON repair
FOR EACH ROW WHEN (NEW.part_number IS NOT NULL) EXECUTE FUNCTION take_part()`);
  await stage.quietly("UPDATE part SET stock = 1 WHERE number = 'TY-28'");
  const insert =
    "INSERT INTO repair (bike_id, part_number, due, hours) VALUES (3, 'TY-28', '2024-05-07', 1)";
  await stage.show(insert);
  await stage.fails('P0001', insert);
}

export async function rightsAndPolicies(stage: Stage): Promise<void> {
  await stage.quietly('CREATE ROLE ada; CREATE ROLE bruno; GRANT SELECT ON customer TO ada, bruno');
  await stage.show('GRANT SELECT (id, customer_id, model), UPDATE (model) ON bike TO ada, bruno');
  await stage.show('ALTER TABLE bike ENABLE ROW LEVEL SECURITY');
  await stage.show(`CREATE POLICY own_bikes ON bike USING (
  customer_id IN (SELECT id FROM customer WHERE lower(split_part(name, ' ', 1)) = current_user))`);
  await stage.quietly('SET ROLE ada', { as: 'ada' });
  const rows = await stage.show('SELECT id, model FROM bike ORDER BY id', { as: 'ada' });
  assert.deepEqual(rows, [
    ['1', 'Tourer'],
    ['2', 'Folding'],
  ]);
  await stage.show("UPDATE bike SET model = 'Racing ' || model", { as: 'ada' });
  await stage.fails('42501', 'SELECT gears FROM bike', { as: 'ada' });
}

export async function partitionsAndMerge(stage: Stage): Promise<void> {
  await stage.show(`CREATE TABLE invoice (number int, issued date, amount numeric(8, 2), PRIMARY KEY (number, issued))
PARTITION BY RANGE (issued)`);
  await stage.show(
    `CREATE TABLE invoice_2023 PARTITION OF invoice FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')`,
  );
  await stage.show(
    `CREATE TABLE invoice_2024 PARTITION OF invoice FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
  );
  await stage.quietly("INSERT INTO invoice VALUES (1, '2023-12-30', 80), (2, '2024-05-02', 96.9)");
  await stage.show(`MERGE INTO invoice i
USING (VALUES (2, date '2024-05-02', 101.40), (3, date '2024-05-03', 55)) AS n (number, issued, amount)
  ON i.number = n.number AND i.issued = n.issued
WHEN MATCHED THEN UPDATE SET amount = n.amount
WHEN NOT MATCHED THEN INSERT VALUES (n.number, n.issued, n.amount)`);
  const rows = await stage.show(
    'SELECT tableoid::regclass AS partition, number, amount FROM invoice ORDER BY number',
  );
  assert.deepEqual(rows[1], ['invoice_2024', '2', '101.40']);
}

export async function textSearch(stage: Stage): Promise<void> {
  await stage.show(`CREATE TABLE note (id int PRIMARY KEY, body text,
  words tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED)`);
  await stage.show('CREATE INDEX note_words ON note USING gin (words)');
  await stage.quietly(`INSERT INTO note VALUES (1, 'The rear brake squeals on wet days'),
    (2, 'New braking pads, front wheel trued'), (3, 'Chain oiled')`);
  const rows = await stage.show(`SELECT id, ts_headline('english', body, query) AS found
FROM note, websearch_to_tsquery('english', 'brakes -chain') AS query
WHERE words @@ query ORDER BY ts_rank(words, query) DESC, id`);
  assert.equal(rows.length, 2);
}
