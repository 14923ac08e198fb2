// Queries such as applications and reports send to the two sample databases. Every query orders its
// rows completely, so that the answers can be compared line by line.

export const northwindQueries: readonly string[] = [
  `SELECT c.customer_id, c.company_name, count(o.order_id) AS orders
     FROM customers c LEFT JOIN orders o ON o.customer_id = c.customer_id
    GROUP BY c.customer_id, c.company_name ORDER BY orders DESC, c.customer_id LIMIT 10`,
  `SELECT p.product_name, s.company_name FROM products p JOIN suppliers s USING (supplier_id)
    WHERE p.discontinued = 1 ORDER BY 1`,
  `SELECT extract(year FROM order_date) AS y, extract(month FROM order_date) AS m, count(*)
     FROM orders GROUP BY 1, 2 ORDER BY 1, 2`,
  `SELECT c.category_name, count(*) AS products, min(p.unit_price), max(p.unit_price)
     FROM categories c JOIN products p ON p.category_id = c.category_id
    GROUP BY c.category_name HAVING count(*) > 6 ORDER BY c.category_name`,
  `SELECT o.order_id, round(sum(d.unit_price::numeric * d.quantity * (1 - d.discount::numeric)), 2) AS total
     FROM orders o, order_details d WHERE o.order_id = d.order_id AND o.customer_id = 'VINET'
    GROUP BY o.order_id ORDER BY o.order_id`,
  `SELECT e.first_name || ' ' || e.last_name AS employee, m.last_name AS manager
     FROM employees e LEFT JOIN employees m ON e.reports_to = m.employee_id ORDER BY 1`,
  `SELECT customer_id, company_name FROM customers c
    WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.customer_id) ORDER BY 1`,
  `SELECT product_name, unit_price FROM products
    WHERE unit_price > (SELECT avg(unit_price::numeric) FROM products) ORDER BY unit_price DESC, product_name`,
  `SELECT country, count(*) FROM customers WHERE country IN ('Germany', 'France', 'UK') GROUP BY country ORDER BY country`,
  `SELECT order_id, shipped_date - order_date AS days FROM orders
    WHERE shipped_date IS NOT NULL ORDER BY days DESC, order_id LIMIT 15`,
  `SELECT ship_country, count(*) FILTER (WHERE shipped_date > required_date) AS late, count(*) AS all_orders
     FROM orders GROUP BY ship_country ORDER BY late DESC, ship_country`,
  `SELECT DISTINCT ON (customer_id) customer_id, order_id, order_date FROM orders
    ORDER BY customer_id, order_date DESC, order_id DESC`,
  `WITH totals AS (SELECT employee_id, count(*) AS n FROM orders GROUP BY employee_id)
   SELECT e.last_name, t.n FROM totals t JOIN employees e USING (employee_id) WHERE t.n > (SELECT avg(n) FROM totals) ORDER BY 1`,
  `SELECT lower(city), upper(country) FROM customers UNION SELECT lower(city), upper(country) FROM suppliers ORDER BY 2, 1`,
  `SELECT city FROM customers INTERSECT SELECT city FROM suppliers ORDER BY city`,
  `SELECT contact_name, coalesce(region, 'none'), coalesce(fax, phone) FROM customers WHERE country = 'USA' ORDER BY 1`,
  `SELECT CASE WHEN units_in_stock = 0 THEN 'out' WHEN units_in_stock < reorder_level THEN 'low' ELSE 'fine' END AS stock,
          count(*) FROM products GROUP BY 1 ORDER BY 1`,
  `SELECT product_id, product_name FROM products WHERE product_name ILIKE '%ch%' ORDER BY product_id LIMIT 10 OFFSET 2`,
  `SELECT o.order_id, d.lines FROM orders o CROSS JOIN LATERAL
     (SELECT count(*) AS lines FROM order_details od WHERE od.order_id = o.order_id) d
    WHERE d.lines >= 6 ORDER BY d.lines DESC, o.order_id`,
  `SELECT string_agg(territory_id, ',' ORDER BY territory_id), employee_id FROM employee_territories GROUP BY employee_id ORDER BY employee_id`,
];

export const chinookQueries: readonly string[] = [
  `SELECT ar.name, count(*) AS albums FROM artist ar JOIN album al ON al.artist_id = ar.artist_id
    GROUP BY ar.artist_id, ar.name HAVING count(*) >= 5 ORDER BY albums DESC, ar.name`,
  `SELECT g.name, sum(il.quantity) AS sold, sum(il.unit_price * il.quantity) AS revenue
     FROM genre g JOIN track t ON t.genre_id = g.genre_id JOIN invoice_line il ON il.track_id = t.track_id
    GROUP BY g.name ORDER BY revenue DESC, g.name`,
  `SELECT c.country, count(DISTINCT c.customer_id) AS customers, sum(i.total) AS total, round(avg(i.total), 4) AS mean
     FROM customer c JOIN invoice i USING (customer_id) GROUP BY c.country ORDER BY total DESC, c.country`,
  `SELECT t.name, t.milliseconds / 60000.0 AS minutes FROM track t
    WHERE t.milliseconds > ALL (SELECT milliseconds FROM track WHERE genre_id = 1) ORDER BY t.milliseconds, t.name`,
  `SELECT date_trunc('month', invoice_date) AS month, sum(total) FROM invoice GROUP BY 1 ORDER BY 1`,
  `SELECT p.name, count(pt.track_id) FROM playlist p LEFT JOIN playlist_track pt ON pt.playlist_id = p.playlist_id
    GROUP BY p.playlist_id, p.name ORDER BY p.playlist_id`,
  `SELECT e.first_name, e.last_name, (SELECT count(*) FROM customer c WHERE c.support_rep_id = e.employee_id) AS customers
     FROM employee e ORDER BY e.employee_id`,
  `SELECT m.name, t.name FROM media_type m JOIN LATERAL
     (SELECT name FROM track WHERE media_type_id = m.media_type_id ORDER BY bytes DESC NULLS LAST, track_id LIMIT 2) t ON true
    ORDER BY m.name, t.name`,
  `SELECT customer_id, invoice_id, total FROM invoice WHERE invoice_date BETWEEN '2010-01-01' AND '2010-01-31 23:59:59' ORDER BY invoice_id`,
  `SELECT composer, count(*) FROM track WHERE composer LIKE '%, %' GROUP BY composer ORDER BY 2 DESC, 1 LIMIT 10`,
  `SELECT substring(email FROM position('@' IN email) + 1) AS host, count(*) FROM customer GROUP BY 1 ORDER BY 2 DESC, 1`,
  `SELECT a.title FROM album a WHERE a.album_id IN (SELECT album_id FROM track GROUP BY album_id HAVING sum(milliseconds) > 5000000) ORDER BY 1`,
  `SELECT to_char(invoice_date, 'YYYY-MM') AS month, count(*) FROM invoice WHERE total > 5 GROUP BY 1 ORDER BY 1 LIMIT 12`,
];
