-- Tables of every kind that a collector tells apart.

CREATE DATABASE parity DEFAULT CHARACTER SET utf8mb4;
USE parity;

-- auto_increment.columns: a maximum for each type, signed and unsigned.
CREATE TABLE ai_tiny (id TINYINT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_tiny_unsigned (id TINYINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_small (id SMALLINT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_small_unsigned (id SMALLINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_medium (id MEDIUMINT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_medium_unsigned (id MEDIUMINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_int (id INT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_int_zerofill (id INT UNSIGNED ZEROFILL AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_big (id BIGINT AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
CREATE TABLE ai_big_unsigned (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20));
-- Above 2^53: both exporters round to the nearest double.
CREATE TABLE ai_huge (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, note VARCHAR(20))
  AUTO_INCREMENT = 18446744073709550001;
INSERT INTO ai_tiny (note) VALUES ('a'), ('b'), ('c');
INSERT INTO ai_tiny_unsigned (note) VALUES ('a'), ('b'), ('c'), ('d');
INSERT INTO ai_medium (note) VALUES ('a'), ('b');
INSERT INTO ai_int_zerofill (note) VALUES ('a');
INSERT INTO ai_huge (note) VALUES ('a');

-- Names that a label has to escape, and a schema whose name is a number.
CREATE TABLE `quo"te` (id INT AUTO_INCREMENT PRIMARY KEY, `col"umn` INT);
CREATE TABLE `back\slash` (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE `line
break` (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE TABLE `Grüße 日本` (id INT AUTO_INCREMENT PRIMARY KEY, `naïve` INT, KEY `schlüssel` (`naïve`));
CREATE DATABASE `odd-Näme.db`;
CREATE TABLE `odd-Näme.db`.`t.1` (id INT AUTO_INCREMENT PRIMARY KEY);
CREATE DATABASE `42`;
CREATE TABLE `42`.answers (id INT PRIMARY KEY);
CREATE DATABASE without_tables;

-- info_schema.tables: engines, row formats, options, views, partitions.
CREATE TABLE compressed (id INT PRIMARY KEY, body TEXT) ROW_FORMAT = COMPRESSED KEY_BLOCK_SIZE = 8;
CREATE TABLE redundant (id INT PRIMARY KEY, body TEXT) ROW_FORMAT = REDUNDANT STATS_PERSISTENT = 1 MAX_ROWS = 1000;
CREATE TABLE in_memory (id INT PRIMARY KEY, body VARCHAR(100)) ENGINE = MEMORY;
CREATE TABLE isam (id INT AUTO_INCREMENT PRIMARY KEY, body TEXT, KEY by_body (body(10))) ENGINE = MyISAM;
CREATE TABLE csv (id INT NOT NULL) ENGINE = CSV;
CREATE TABLE partitioned (id INT AUTO_INCREMENT, day DATE NOT NULL, PRIMARY KEY (id, day))
  PARTITION BY RANGE (YEAR(day)) (
    PARTITION p_old VALUES LESS THAN (2025), PARTITION p_now VALUES LESS THAN (2027), PARTITION p_rest VALUES LESS THAN MAXVALUE);
CREATE TABLE without_key (a INT, b INT);
CREATE VIEW of_orders AS SELECT id, status FROM shop.orders WHERE status <> 'cancelled';
-- Not valid any more: information_schema has NULL in most of its columns.
CREATE TABLE gone (id INT PRIMARY KEY);
CREATE VIEW broken AS SELECT id FROM gone;
DROP TABLE gone;

INSERT INTO compressed VALUES (1, REPEAT('compressible ', 2000)), (2, REPEAT('x', 5000));
INSERT INTO redundant VALUES (1, 'a'), (2, 'b');
INSERT INTO in_memory VALUES (1, 'a'), (2, 'b');
INSERT INTO isam (body) VALUES ('a'), ('b'), ('c');
INSERT INTO partitioned (day) VALUES ('2024-01-01'), ('2025-06-01'), ('2026-06-01'), ('2030-01-01');
INSERT INTO without_key VALUES (1, 2), (3, 4);

-- As pt-heartbeat makes it: the time is a text, of the server's own time zone.
CREATE DATABASE heartbeat;
CREATE TABLE heartbeat.heartbeat (
  ts VARCHAR(26) NOT NULL,
  server_id INT UNSIGNED NOT NULL PRIMARY KEY,
  file VARCHAR(255) DEFAULT NULL,
  position BIGINT UNSIGNED DEFAULT NULL,
  relay_master_log_file VARCHAR(255) DEFAULT NULL,
  exec_master_log_pos BIGINT UNSIGNED DEFAULT NULL
);
INSERT INTO heartbeat.heartbeat (ts, server_id, file, position) VALUES
  ('2026-01-02T03:04:05.123456', 11, 'binlog.000001', 4),
  ('2026-07-02T23:59:59.000100', 12, 'binlog.000002', 40000),
  ('2026-01-02T03:04:05', 4294967295, NULL, NULL);
