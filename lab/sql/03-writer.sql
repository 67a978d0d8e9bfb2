-- Events that keep the shop busy, so that numbers move on a dashboard. One statement each: then neither the
-- command line client's DELIMITER nor anything like it is needed. MariaDB runs them with --event-scheduler=ON.

USE shop;

CREATE EVENT place_orders ON SCHEDULE EVERY 1 SECOND DO
  INSERT INTO shop.orders (customer_id)
  SELECT id FROM shop.customers WHERE id % 97 = FLOOR(UNIX_TIMESTAMP()) % 97 LIMIT 5;

CREATE EVENT fill_orders ON SCHEDULE EVERY 1 SECOND DO
  INSERT INTO shop.order_items (order_id, product_id, quantity, price)
  SELECT orders.id, products.id, 1 + orders.id % 3, products.price
  FROM shop.orders
  JOIN shop.products ON products.id IN (1 + orders.id % 200, 1 + orders.id * 3 % 200)
  LEFT JOIN shop.order_items ON order_items.order_id = orders.id
  WHERE orders.status = 'new' AND order_items.order_id IS NULL;

CREATE EVENT pay_orders ON SCHEDULE EVERY 2 SECOND DO
  UPDATE shop.orders SET status = 'paid'
  WHERE status = 'new' AND placed_at < NOW() - INTERVAL 5 SECOND ORDER BY placed_at LIMIT 20;

CREATE EVENT ship_orders ON SCHEDULE EVERY 3 SECOND DO
  UPDATE shop.orders SET status = 'shipped'
  WHERE status = 'paid' AND placed_at < NOW() - INTERVAL 30 SECOND ORDER BY placed_at LIMIT 50;

-- The first 3,000 orders stay; what the events added goes after an hour, so the disk does not fill.
CREATE EVENT forget_orders ON SCHEDULE EVERY 1 MINUTE DO
  DELETE FROM shop.orders WHERE id > 3000 AND placed_at < NOW() - INTERVAL 1 HOUR;
