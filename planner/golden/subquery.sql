-- EXISTS becomes a semi join
SELECT name FROM customers c WHERE EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.total > 100);
-- NOT EXISTS an anti join
SELECT name FROM customers c WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id);
-- IN with few values is driven by them
SELECT name FROM customers WHERE id IN (SELECT customer_id FROM orders WHERE note = 'x');
-- NOT IN over columns that cannot be null
SELECT name FROM customers WHERE id NOT IN (SELECT customer_id FROM orders);
-- NOT IN over a column that can: a hashed subplan keeps the nulls right
SELECT id FROM products WHERE title NOT IN (SELECT city FROM customers);
-- scalar subqueries: once, or once a row
SELECT name FROM customers WHERE id = (SELECT max(customer_id) FROM orders);
SELECT name, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) FROM customers c WHERE city = 'Rome';
-- WITH
WITH big AS (SELECT customer_id, sum(total) AS s FROM orders GROUP BY customer_id) SELECT s FROM big WHERE customer_id = 3;
WITH a AS MATERIALIZED (SELECT id FROM products) SELECT x.id FROM a x JOIN a y ON x.id = y.id;
