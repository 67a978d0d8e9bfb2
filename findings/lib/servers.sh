# shellcheck shell=bash
# Servers from Debian packages, unpacked into the temporary folder and started on this machine alone.
#
# Debian's archive keeps one version of a package per suite. The version named here is taken while the archive
# has it; afterwards the suite's present one, and the output says so.
#
# With FINDINGS_DOWNLOADS=FOLDER the downloaded packages stay there for the next finding.

# shellcheck source-path=SCRIPTDIR source=setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"

# debian_packages SUITE VERSION PACKAGE...: unpacks them, and what they depend on, into $root. The apt
# configuration is its own: nothing is installed, and what the machine has installed does not matter.
debian_packages() {
  local suite=$1 version=$2 apt package archive
  local wanted=()
  shift 2
  needs apt-get apt-cache dpkg
  apt=${FINDINGS_DOWNLOADS:-$tmp}/$suite-$(IFS=+ && echo "$*")
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  debian_source "$suite" >"$apt/sources.list"
  cat >"$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Dpkg::Use-Pty "false";
END
  apt_command "$apt" apt-get update >/dev/null
  for package in "$@"; do
    if apt_command "$apt" apt-cache madison "$package" | grep --quiet --fixed-strings " $version "; then
      wanted+=("$package=$version")
    else
      echo "note: Debian $suite no longer has $package $version, its present version is taken"
      wanted+=("$package")
    fi
  done
  apt_command "$apt" apt-get install --yes --download-only "${wanted[@]}" >/dev/null
  root=$tmp/$suite
  mkdir -p "$root"
  for archive in "$apt"/cache/archives/*.deb; do
    case ${archive##*/} in
      perl* | libperl*) ;; # only maintainer scripts need it, and those do not run
      *) dpkg -x "$archive" "$root" ;;
    esac
  done
  # The programs run with the C library of their own suite, which may be newer than the machine's.
  libraries=$(find "$root" -maxdepth 3 -type d -path '*lib/*-linux-gnu' -printf '%p:')
  loader=$(find "$root" -maxdepth 4 -path '*-linux-gnu/ld-linux*.so.*' -print -quit)
  run=("$loader" --library-path "$libraries$root/usr/lib/mysql/private")
}

# The machine's own Debian mirror, as a line of sources.list for the suite.
debian_source() {
  local uri key=/usr/share/keyrings/debian-archive-keyring.gpg
  # shellcheck disable=SC2016 # apt-get expands these
  uri=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT) $(LABEL)' 'Identifier: Packages' |
    awk '$2 == "main" && $3 == "Debian" && NF == 3 { print $1; exit }')
  [[ -n $uri ]] || give_up 'no package list of Debian here (not Debian, or apt-get update was never run)'
  if [[ -e $key ]]; then echo "deb [signed-by=$key] $uri $1 main"; else echo "deb $uri $1 main"; fi
}

apt_command() {
  local apt=$1
  shift
  APT_CONFIG=$apt/apt.conf LC_ALL=C.UTF-8 timeout --foreground 300 "$@" 2>"$apt/errors" ||
    give_up "$* failed: $(tail -n 3 "$apt/errors")"
}

# The arguments that both servers share: no configuration of the machine, a socket instead of the network.
server_arguments() {
  local folder=$1 share=$2
  arguments=(--no-defaults --basedir="$root/usr" --lc-messages-dir="$root/usr/share/$share"
    --character-sets-dir="$root/usr/share/$share/charsets" --plugin-dir="$root/usr/lib/mysql/plugin"
    --datadir="$folder/data" --socket="$folder/socket" --pid-file="$folder/pid" --tmpdir="$folder"
    --skip-networking --innodb-buffer-pool-size=32M)
  if (($(id -u) == 0)); then arguments+=(--user=root); fi
}

mysql_packages() {
  debian_packages sid 9.7.4-2 mysql-server-core mysql-client-core
  client=("${run[@]}" "$root/usr/bin/mysql")
}

# start_mysql FOLDER [ARGUMENT...]: an empty server whose root has no password.
start_mysql() {
  local folder=$1 arguments
  mkdir -p "$folder"
  server_arguments "$folder" mysql
  arguments+=(--mysqlx=OFF --secure-file-priv=NULL --innodb-redo-log-capacity=8M "${@:2}")
  timeout --foreground 120 "${run[@]}" "$root/usr/sbin/mysqld" "${arguments[@]}" --initialize-insecure \
    >"$folder/initialize.log" 2>&1 || give_up "MySQL: $(tail -n 3 "$folder/initialize.log")"
  start "$folder/log" "${run[@]}" "$root/usr/sbin/mysqld" "${arguments[@]}"
  wait_for 60 sql "$folder" 'DO 1'
}

mariadb_packages() {
  debian_packages trixie 1:11.8.9+ds-0+deb13u1 mariadb-server-core mariadb-client-core
  client=("${run[@]}" "$root/usr/bin/mariadb")
}

# start_mariadb FOLDER [ARGUMENT...]: an empty server whose root has no password.
start_mariadb() {
  local folder=$1 scripts=$root/usr/share/mariadb arguments
  mkdir -p "$folder/data"
  server_arguments "$folder" mariadb
  arguments+=(--innodb-log-file-size=8M "${@:2}")
  {
    printf '%s\n' 'CREATE DATABASE mysql;' 'USE mysql;' 'SET @auth_root_socket = NULL;'
    cat "$scripts"/mariadb_{system_tables,performance_tables,system_tables_data}.sql
    echo "DELETE FROM mysql.global_priv WHERE User = '';"
  } | timeout --foreground 120 "${run[@]}" "$root/usr/sbin/mariadbd" "${arguments[@]}" --bootstrap \
    >"$folder/bootstrap.log" 2>&1 || give_up "MariaDB: $(tail -n 3 "$folder/bootstrap.log")"
  start "$folder/log" "${run[@]}" "$root/usr/sbin/mariadbd" "${arguments[@]}"
  wait_for 60 sql "$folder" 'DO 1'
}

# session FOLDER STATEMENTS [ARGUMENT...]: takes the place of the calling shell, so that `start` knows the process
# that has to end. Prints the values, tab between columns; an error goes to stderr.
session() {
  exec timeout --foreground 60 "${client[@]}" --no-defaults --batch --skip-column-names --user=root \
    --socket="$1/socket" --execute="$2" "${@:3}"
}

sql() { (session "$@"); }

# The same where an error of the server is an answer too; `done` stands for a statement without values. The client's
# own errors (2000 to 2999: no connection) are no answer.
sql_or_error() {
  local answer
  if answer=$(sql "$@" 2>&1); then echo "${answer:-done}"; else grep -oE 'ERROR [^2][0-9]+' <<<"$answer"; fi
}

prometheus_packages() {
  needs curl jq
  debian_packages sid 3.5.3+ds1-6 prometheus
}

# start_prometheus CONFIGURATION: its address is then in $prometheus.
start_prometheus() {
  prometheus=127.0.0.1:$(free_port)
  start "$tmp/prometheus.log" "${run[@]}" "$root/usr/bin/prometheus" --config.file="$1" \
    --storage.tsdb.path="$tmp/prometheus" --web.listen-address="$prometheus"
  wait_for 60 curl --silent --fail "http://$prometheus/-/ready"
}

# ask_prometheus PATH FILTER [CURL-ARGUMENT...]: what a jq filter makes of an answer of its API.
ask_prometheus() {
  curl --silent --fail --get "http://$prometheus/api/v1/$1" "${@:3}" | jq --raw-output ".data | $2"
}
