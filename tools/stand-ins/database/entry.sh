#!/bin/bash
# Starts a database server as the official images of MariaDB and MySQL do, as far as docker-compose.yml relies on it.
#
# An empty data folder is initialised: accounts come from the environment, samples from /docker-entrypoint-initdb.d. The
# server of that time has no port, so nobody takes it for ready. Then the real one takes the place of this script.
# DATABASE says which server it is: mariadb or mysql.
set -euo pipefail

data=/var/lib/mysql
socket=/run/mysqld/mysqld.sock
declare -A servers=([mariadb]=mariadbd [mysql]=mysqld)
server=(${servers[$DATABASE]} --no-defaults --user=mysql "--datadir=$data" "--socket=$socket" --skip-name-resolve)
[[ $DATABASE = mariadb ]] || server+=(--secure-file-priv=NULL)

fail() {
  echo "$*" >&2
  exit 1
}

# The variable MARIADB_NAME or MYSQL_NAME; it becomes a text of SQL.
setting() {
  local variable="${DATABASE^^}_$1"
  local value="${!variable-}"
  [[ $value != *[\'\\]* ]] || fail "$variable has a quote or a backslash, which this stand-in does not take"
  printf '%s' "$value"
}

root_password=$(setting ROOT_PASSWORD)

as_root() {
  MYSQL_PWD=$1 "$DATABASE" --no-defaults --protocol=socket "--socket=$socket" --user=root --comments "${@:2}"
}

make_data() {
  if [[ $DATABASE = mariadb ]]; then
    mariadb-install-db --no-defaults --user=mysql "--datadir=$data" --skip-test-db \
      --auth-root-authentication-method=normal > /dev/null
  else
    "${server[@]}" --initialize-insecure
  fi
}

# Accounts of this server alone: no replica is told.
accounts() {
  echo "SET SESSION sql_log_bin = 0;"
  # A new MariaDB has more of root, without a password.
  [[ $DATABASE = mysql ]] || echo "DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost'; FLUSH PRIVILEGES;"
  echo "CREATE USER root@'%' IDENTIFIED BY '$root_password'; GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  [[ $DATABASE = mariadb ]] || { echo "ALTER USER root@localhost IDENTIFIED BY '$root_password';"; return; }
  local grants replica replica_password source
  grants=$(setting HEALTHCHECK_GRANTS)
  replica=$(setting REPLICATION_USER)
  replica_password=$(setting REPLICATION_PASSWORD)
  source=$(setting MASTER_HOST)
  echo "CREATE USER healthcheck@127.0.0.1 IDENTIFIED BY '$health_password';"
  echo "GRANT ${grants:-USAGE} ON *.* TO healthcheck@127.0.0.1;"
  if [[ -n $source ]]; then
    echo "CHANGE MASTER TO MASTER_HOST='$source', MASTER_USER='$replica', MASTER_PASSWORD='$replica_password',"
    echo "  MASTER_CONNECT_RETRY=10;"
  elif [[ -n $replica ]]; then
    echo "CREATE USER '$replica'@'%' IDENTIFIED BY '$replica_password';"
    echo "GRANT REPLICATION SLAVE ON *.* TO '$replica'@'%';"
  fi
  echo "ALTER USER root@localhost IDENTIFIED BY '$root_password';"
}

initialise() {
  [[ -n $root_password ]] || fail "${DATABASE^^}_ROOT_PASSWORD is needed"
  make_data
  "${server[@]}" "$@" --skip-networking $([[ $DATABASE = mysql ]] && echo --mysqlx=OFF || echo --skip-slave-start) &
  local pid=$! file health_password
  until as_root '' --execute 'SELECT 1' > /dev/null 2>&1; do
    kill -0 $pid || fail 'the server ended while it was initialised'
    sleep 0.2
  done
  health_password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' ')
  printf '[client]\nhost=127.0.0.1\nuser=healthcheck\npassword=%s\n' "$health_password" > "$data/.my-healthcheck.cnf"
  accounts | as_root ''
  for file in /docker-entrypoint-initdb.d/*; do
    [[ -e $file ]] || continue
    [[ $file = *.sql ]] || fail "$file: this stand-in takes files of SQL only"
    as_root "$root_password" < "$file"
  done
  kill $pid
  wait $pid
}

[[ -z ${1-} || $1 = -* ]] || exec "$@"
mkdir -p "${socket%/*}"
chown mysql: "$data" "${socket%/*}"
[[ -d $data/mysql ]] || initialise "$@"
exec "${server[@]}" "$@"
