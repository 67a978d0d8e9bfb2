-- What the account of lab/sql/01-accounts.sql needs besides, so that every collector of mysqld_exporter works.

-- SHOW REPLICAS and, with a privilege of its own in MariaDB, SHOW SLAVE HOSTS.
GRANT REPLICATION SLAVE /*M!100509 , REPLICATION MASTER ADMIN */ ON *.* TO 'exporter'@'%';

-- Accounts whose limits differ, one name with two hosts, and a name that needs escaping in a label.
CREATE USER 'limited'@'10.0.0.%' IDENTIFIED BY 'limited'
  WITH MAX_QUERIES_PER_HOUR 1000 MAX_UPDATES_PER_HOUR 200 MAX_CONNECTIONS_PER_HOUR 30 MAX_USER_CONNECTIONS 4;
CREATE USER 'limited'@'localhost' IDENTIFIED BY 'limited';
CREATE USER 'o"dd\\näme'@'%' IDENTIFIED BY 'odd' WITH MAX_USER_CONNECTIONS 2;
GRANT SELECT, INSERT, CREATE TEMPORARY TABLES ON *.* TO 'limited'@'localhost';
CREATE USER 'writer'@'%' IDENTIFIED BY 'writer';
GRANT ALL ON *.* TO 'writer'@'%';
