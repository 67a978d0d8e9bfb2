#!/usr/bin/env bash
# MariaDB: a table whose metadata lock cannot be had is a row of NULLs in information_schema.TABLES, not an error.
#
# While an ALTER TABLE ... LOCK=EXCLUSIVE runs, a SELECT from information_schema.TABLES waits for
# lock_wait_timeout and then succeeds. The locked table is in the result: ENGINE, TABLE_ROWS, DATA_LENGTH and
# the other numbers are NULL, and TABLE_COMMENT has the text of the error. There is a warning 1205, but
# @@error_count is 0 and the client sees a normal result. So SUM(DATA_LENGTH) leaves the table out in silence, and
# a monitor that reads NULL as 0 reports an empty table. A SELECT from the table itself fails with 1205.
#
# Versions: MariaDB 11.8.9 (Debian 1:11.8.9+ds-0+deb13u1); 10.11.18 does the same.
# Source: seen on a running server. MariaDB's page on metadata locking says that a statement fails with error
#   1205 after lock_wait_timeout; neither it nor the page on information_schema.TABLES speaks of such rows.
# Seen:
#   before, rows and comment: 6000 and ''
#   locked, rows and comment: NULL and 'Lock wait timeout exceeded; try restarting transaction'
#   locked, errors and warnings: 0 and 1
#   sizes that SUM(DATA_LENGTH) adds up: 1 of 2
#   SELECT from the table itself: ERROR 1205

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

mariadb_packages
server=$tmp/server
start_mariadb "$server"

sql "$server" "
  CREATE DATABASE shop;
  CREATE TABLE shop.small (id INT);
  CREATE TABLE shop.orders (id INT);
  USE shop;
  INSERT INTO orders SELECT seq FROM seq_1_to_6000;
  ANALYZE TABLE orders" >/dev/null

rows_and_comment="SELECT CONCAT(IFNULL(table_rows, 'NULL'), ' and ''', table_comment, '''')
  FROM information_schema.tables WHERE table_schema = 'shop' AND table_name = 'orders'"

expect 'before, rows and comment' "6000 and ''" "$(sql "$server" "$rows_and_comment")"

# The generated column is slow to compute on purpose: the lock is held for some seconds.
start "$tmp/alter" session "$server" "ALTER TABLE shop.orders
  ADD COLUMN digest CHAR(32) AS (MD5(REPEAT(id, 1000000))) PERSISTENT, ALGORITHM=COPY, LOCK=EXCLUSIVE"
copying() { [[ $(sql "$server" 'SHOW PROCESSLIST') == *'copy to tmp table'* ]]; }
wait_for 10 copying

expect 'locked, rows and comment' "NULL and 'Lock wait timeout exceeded; try restarting transaction'" \
  "$(sql_or_error "$server" "SET lock_wait_timeout = 1; $rows_and_comment")"
expect 'locked, errors and warnings' '0 and 1' \
  "$(sql_or_error "$server" "SET lock_wait_timeout = 1; $rows_and_comment;
    SELECT CONCAT(@@error_count, ' and ', @@warning_count)" | tail -n 1)"
expect 'sizes that SUM(DATA_LENGTH) adds up' '1 of 2' \
  "$(sql_or_error "$server" "SET lock_wait_timeout = 1; SELECT CONCAT(COUNT(data_length), ' of ', COUNT(*))
    FROM information_schema.tables WHERE table_schema = 'shop'")"
expect 'SELECT from the table itself' 'ERROR 1205' \
  "$(sql_or_error "$server" 'SET lock_wait_timeout = 1; SELECT COUNT(*) FROM shop.orders')"
copying || give_up 'the ALTER TABLE ended too early'
conclude
