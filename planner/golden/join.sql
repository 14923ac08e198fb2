-- the constant reaches the other table through the equality
SELECT o.total FROM customers c, orders o WHERE c.id = o.customer_id AND c.id = 5;
-- a hash join builds the smaller side
SELECT c.name, o.total FROM orders o JOIN customers c ON c.id = o.customer_id;
-- four tables in a bad order
SELECT c.name, sum(l.quantity * p.price) FROM customers c, products p, lines l, orders o
 WHERE c.id = o.customer_id AND l.order_id = o.id AND l.product_id = p.id AND c.city = 'Rome' AND p.title = 'pen' GROUP BY c.name;
-- an outer join that a condition above makes inner
SELECT c.name FROM customers c LEFT JOIN orders o ON o.customer_id = c.id WHERE o.total > 5;
-- one that stays, with its condition pushed to the inner side
SELECT c.name, o.id FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.total > 5 WHERE c.city = 'Rome';
-- full join
SELECT c.name, o.id FROM customers c FULL JOIN orders o ON o.customer_id = c.id;
-- lateral
SELECT c.name, x.id FROM customers c, LATERAL (SELECT id FROM orders o WHERE o.customer_id = c.id ORDER BY placed DESC LIMIT 2) x WHERE c.city = 'Rome';
