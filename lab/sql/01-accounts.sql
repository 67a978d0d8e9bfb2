-- The account of the exporter, for MySQL 8.0 and later and MariaDB 10.5 and later.
-- What the query sets of targets.yml need, and most others too; nothing can be written with it. What exactly a set needs
-- is printed by `mysql-query-exporter grants SET`.

CREATE USER IF NOT EXISTS 'exporter'@'%' IDENTIFIED BY 'exporter' WITH MAX_USER_CONNECTIONS 10;

-- SLAVE MONITOR (SHOW SLAVE STATUS) exists in MariaDB alone, where REPLICATION CLIENT no longer includes it.
GRANT SELECT, PROCESS, REPLICATION CLIENT /*M!100509 , SLAVE MONITOR */ ON *.* TO 'exporter'@'%';
