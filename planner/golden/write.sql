UPDATE customers SET name = name || '!' WHERE id = 3;
UPDATE orders o SET total = total + 1 FROM customers c WHERE c.id = o.customer_id AND c.name = 'x' RETURNING o.id, c.name;
DELETE FROM lines WHERE order_id = 4 AND line > 2;
INSERT INTO products (id, title) VALUES (1, 'pen'), (2, 'ink') ON CONFLICT (id) DO UPDATE SET title = excluded.title RETURNING id;
SELECT id FROM orders WHERE customer_id = 3 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
SELECT * FROM customers FOR SYSTEM_TIME AS OF '2024-01-01' WHERE id = 3;
