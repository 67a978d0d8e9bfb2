-- A small shop with a few thousand rows: something for table sizes, indexes and statement statistics to show.
-- Runs unchanged on MySQL 8.0 and later and on MariaDB 10.5 and later.

CREATE DATABASE IF NOT EXISTS shop DEFAULT CHARACTER SET utf8mb4;
USE shop;

CREATE TABLE customers (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(100) NOT NULL,
  name VARCHAR(100) NOT NULL,
  country CHAR(2) NOT NULL,
  created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY by_email (email),
  KEY by_country (country)
) ENGINE = InnoDB;

CREATE TABLE products (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  sku VARCHAR(20) NOT NULL,
  name VARCHAR(100) NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  stock INT NOT NULL,
  UNIQUE KEY by_sku (sku)
) ENGINE = InnoDB;

CREATE TABLE orders (
  id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT UNSIGNED NOT NULL,
  status ENUM ('new', 'paid', 'shipped', 'cancelled') NOT NULL DEFAULT 'new',
  placed_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
  KEY by_customer (customer_id, placed_at),
  KEY by_status (status, placed_at),
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE = InnoDB;

CREATE TABLE order_items (
  order_id BIGINT UNSIGNED NOT NULL,
  product_id INT UNSIGNED NOT NULL,
  quantity INT UNSIGNED NOT NULL,
  price DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (order_id, product_id),
  KEY by_product (product_id),
  CONSTRAINT order_items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT order_items_product FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE = InnoDB;

-- Both servers stop a recursion after 1,000 rows unless told otherwise; crossing two short ones stays below.
INSERT INTO customers (email, name, country, created_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 49)
SELECT CONCAT('customer', a.i * 50 + b.i, '@example.com'),
       CONCAT('Customer ', a.i * 50 + b.i),
       ELT(1 + (a.i + b.i) % 6, 'DE', 'FR', 'KR', 'US', 'BR', 'IN'),
       NOW() - INTERVAL (a.i * 50 + b.i) HOUR
FROM n AS a CROSS JOIN n AS b
WHERE a.i < 20;

INSERT INTO products (sku, name, price, stock)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
SELECT CONCAT('SKU-', LPAD(i, 5, '0')), CONCAT('Product ', i), 1 + (i * 37 % 5000) / 100, 1000 FROM n;

INSERT INTO orders (customer_id, status, placed_at)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 59)
SELECT 1 + (a.i * 60 + b.i) * 7 % 1000,
       ELT(1 + b.i % 10, 'cancelled', 'paid', 'shipped', 'shipped', 'shipped', 'shipped', 'shipped', 'shipped',
           'shipped', 'shipped'),
       NOW() - INTERVAL (a.i * 60 + b.i) MINUTE
FROM n AS a CROSS JOIN n AS b
WHERE a.i < 50;

INSERT INTO order_items (order_id, product_id, quantity, price)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2)
SELECT orders.id, products.id, 1 + (orders.id + n.i) % 3, products.price
FROM orders
CROSS JOIN n
JOIN products ON products.id = 1 + (orders.id * 3 + n.i * 61) % 200;
