-- What the query set `topology` needs besides: it asks which replicas are connected.
-- REPLICATION MASTER ADMIN (SHOW SLAVE HOSTS) exists in MariaDB alone, since 10.5.

GRANT REPLICATION SLAVE /*M!100509 , REPLICATION MASTER ADMIN */ ON *.* TO 'exporter'@'%';
