-- Statements that leave a trace in the statistics of the server: digests, waits, table and index I/O, errors.
USE parity;

INSERT INTO without_key SELECT a + 1, b + 1 FROM without_key;
UPDATE without_key SET a = a + 1 WHERE b > 1;
DELETE FROM without_key WHERE a > 100;
SELECT COUNT(*) FROM without_key AS l JOIN without_key AS r ON l.a + 1 = r.b;
SELECT a, COUNT(*) FROM without_key GROUP BY a ORDER BY COUNT(*) DESC;
SELECT `naïve` FROM `Grüße 日本` WHERE `naïve` = 1;
INSERT INTO `Grüße 日本` (`naïve`) VALUES (1), (2), (3);
SELECT `col"umn`, COUNT(*) FROM `quo"te` GROUP BY `col"umn`;
UPDATE ai_medium SET note = 'changed' WHERE id = 1;
DELETE FROM ai_medium WHERE id = 2;
SELECT * FROM in_memory ORDER BY body;
SELECT DISTINCT body FROM isam ORDER BY 1;
INSERT INTO isam (body) VALUES ('d');
DELETE FROM isam WHERE id = 1;
LOCK TABLES isam WRITE, in_memory READ;
UNLOCK TABLES;
SELECT GROUP_CONCAT(body) FROM compressed;

-- Longer than the 120 characters that mysqld_exporter keeps of a digest, the last of them not ASCII.
SELECT `naïve` AS `ä`, `naïve` AS `ö`, `naïve` AS `ü`, `naïve` AS `日本語`, `naïve` AS `größer`, `naïve` AS `straße`
FROM `Grüße 日本` WHERE `naïve` IN (1, 2, 3) AND `id` BETWEEN 1 AND 10 ORDER BY `naïve` DESC, `id` LIMIT 5;

USE shop;
SELECT SQL_NO_CACHE country, COUNT(*) FROM customers GROUP BY country;
SELECT orders.id FROM orders JOIN customers ON customers.id = orders.customer_id WHERE customers.country = 'DE'
  ORDER BY orders.placed_at DESC LIMIT 20;
UPDATE orders SET status = 'paid' WHERE id IN (10, 20, 30);
DELETE FROM order_items WHERE order_id = 50;
SELECT SUM(quantity * price) FROM order_items;
SELECT CAST('text' AS SIGNED);
USE `odd-Näme.db`;
INSERT INTO `t.1` VALUES (1), (2);
SELECT * FROM `t.1`;
