#!/usr/bin/env bash
# MariaDB: Connection_errors_max_connections does not count the refusals that happen when max_connections is reached.
#
# Both servers keep one place beyond max_connections for an administrator. With max_connections ordinary sessions
# open, the next ordinary login is let in, authenticated and then refused with error 1040 because that place is
# not for it. MariaDB counts such a refusal in Aborted_connects only. Connection_errors_max_connections grows
# only while an administrator sits in the reserved place as well, for then a client is refused before it logs in. So
# an alert on that counter stays silent in the usual case of a server that applications have filled. MySQL 9.7.4,
# asked by hand, counts the usual case.
#
# Versions: MariaDB 11.8.9 (Debian 1:11.8.9+ds-0+deb13u1); 10.11.18 does the same.
# Source: seen on a running server. The documentation of both servers calls it the number of connections refused
#   because of max_connections, without exception. In MySQL's sources both places count (Connection_handler_manager,
#   process_new_connection and valid_connection_count).
# Seen:
#   full of ordinary sessions, refused logins: 3
#   full of ordinary sessions, Aborted_connects grew by: 3
#   full of ordinary sessions, Connection_errors_max_connections grew by: 0
#   reserved place taken too, refused logins: 3
#   reserved place taken too, Connection_errors_max_connections grew by: 3

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

mariadb_packages
server=$tmp/server
limit=10 # the smallest that MariaDB accepts
start_mariadb "$server" --max-connections="$limit"
sql "$server" 'CREATE USER app'

for ((i = 0; i < limit; i++)); do
  start "$tmp/app-$i" session "$server" "SELECT 'here'; DO SLEEP(50)" --user=app --unbuffered
  wait_for 10 grep here "$tmp/app-$i"
done

counter_query() { echo "SELECT variable_value FROM information_schema.global_status WHERE variable_name = '$1'"; }
refused_of_three() {
  local i refused=0
  sleep 0.5 # until the server has given back the place of the administrator's look
  for ((i = 0; i < 3; i++)); do
    if [[ $(sql "$server" 'DO 1' --user=app 2>&1 || true) == *'Too many connections'* ]]; then
      refused=$((refused + 1))
    fi
  done
  echo "$refused"
}

# Each look at a counter is a session of an administrator that takes the reserved place for a moment only.
counter() { sql "$server" "$(counter_query "$1")"; }
aborted=$(counter Aborted_connects)
counted=$(counter Connection_errors_max_connections)
expect 'full of ordinary sessions, refused logins' 3 "$(refused_of_three)"
expect 'full of ordinary sessions, Aborted_connects grew by' 3 "$(($(counter Aborted_connects) - aborted))"
expect 'full of ordinary sessions, Connection_errors_max_connections grew by' 0 \
  "$(($(counter Connection_errors_max_connections) - counted))"

# An administrator who stays: statements go in through a pipe, answers come out in a file.
mkfifo "$tmp/statements"
stay() {
  exec "${client[@]}" --no-defaults --batch --skip-column-names --unbuffered --user=root --socket="$server/socket" \
    <"$tmp/statements"
}
start "$tmp/answers" stay
exec 3>"$tmp/statements"
answers() { [[ $(wc -l <"$tmp/answers") == "$1" ]]; }
echo "$(counter_query Connection_errors_max_connections);" >&3
wait_for 10 answers 1
counted=$(tail -n 1 "$tmp/answers")
expect 'reserved place taken too, refused logins' 3 "$(refused_of_three)"
echo "$(counter_query Connection_errors_max_connections);" >&3
wait_for 10 answers 2
expect 'reserved place taken too, Connection_errors_max_connections grew by' 3 \
  "$(($(tail -n 1 "$tmp/answers") - counted))"
conclude
