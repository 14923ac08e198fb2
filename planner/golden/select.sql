-- a point read by primary key
SELECT name FROM customers WHERE id = 7;
-- a range of the primary key, and what is left as a filter
SELECT id FROM orders WHERE id > 100 AND id <= 200 AND total > 5;
-- an index prefix and an order that it delivers
SELECT id, placed FROM orders WHERE customer_id = 7 ORDER BY placed DESC LIMIT 10;
-- IN and OR
SELECT name FROM customers WHERE id IN (3, 1, 2);
SELECT name FROM customers WHERE id = 1 OR id = 2;
-- LIKE with a fixed start
SELECT id FROM customers WHERE name LIKE 'Ab%';
-- min and max from an index
SELECT max(id) FROM orders;
-- grouping, having, top n
SELECT city, count(*) FROM customers WHERE born > '1990-01-01' GROUP BY city HAVING city <> 'Rome' AND count(*) > 1 ORDER BY 2 DESC LIMIT 3;
-- constants fold
SELECT id FROM customers WHERE 1 + 1 = 2 AND id > 2 * 3;
SELECT id FROM customers WHERE 1 = 2;
