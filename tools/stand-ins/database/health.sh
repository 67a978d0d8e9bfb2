#!/bin/bash
# Judges a MariaDB as `healthcheck.sh` of the official image does, as far as docker-compose.yml relies on it: one option
# after the other, status 1 at the first that is not so. --replication_io and --replication_sql say which threads the
# --replication behind them looks at; without that they are a mistake, and never healthy, there too.
set -euo pipefail

ask() {
  mariadb --defaults-file=/var/lib/mysql/.my-healthcheck.cnf --protocol=tcp --batch --execute "$1"
}

threads=()
for option; do
  case $option in
    --connect) ask 'SELECT 1' > /dev/null ;;
    --innodb_initialized) ask 'SHOW ENGINES' | grep -qP '^InnoDB\t(YES|DEFAULT)\t' ;;
    --replication_io) threads+=(Slave_IO_Running) ;;
    --replication_sql) threads+=(Slave_SQL_Running) ;;
    --replication)
      status=$(ask 'SHOW SLAVE STATUS\G')
      for thread in "${threads[@]}"; do grep -q "^ *$thread: Yes$" <<< "$status"; done
      threads=()
      ;;
    *) echo "no test $option" >&2; exit 1 ;;
  esac
done
[[ ${#threads[@]} = 0 ]]
