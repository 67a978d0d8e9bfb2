#!/usr/bin/env bash
# MySQL: a replica that never reached its source reports Seconds_Behind_Source 0, even with the receiver stopped.
#
# A new channel whose source refuses connections: Replica_IO_Running is Connecting, Last_IO_Errno is 2003, nothing was
# ever received, and Seconds_Behind_Source is 0, which reads as "caught up". After STOP REPLICA IO_THREAD, with
# Replica_IO_Running No and the applier at the end of the relay log, it still is 0. Once a replica was connected, both
# states give NULL. The difference is that the server compares the positions read and executed to find out whether
# the applier is done, and on a channel without contact these are 4 and 0: "not done", with no event to measure.
# So an alert on the lag alone misses replicas with a wrong address or password. MariaDB 11.8.9 gives NULL.
#
# Versions: MySQL 9.7.4 (Debian 9.7.4-2).
# Source: the manual's page on SHOW REPLICA STATUS says that the field is NULL if the applier has consumed all of the
#   relay log and the receiver is not running. Seen otherwise on a running server.
# Seen:
#   connecting, receiver and lag: Connecting 0
#   connecting, error: 2003
#   connecting, positions read and executed: 4 0
#   receiver stopped, receiver and lag: No 0
#   receiver stopped, applier: Replica has read all relay log; waiting for more updates
#   both stopped, lag: NULL

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

mysql_packages
server=$tmp/server
start_mysql "$server" --server-id=2

# Nobody listens on this port of this machine.
sql "$server" "
  CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = $(free_port), SOURCE_USER = 'replica',
    SOURCE_PASSWORD = 'replica', SOURCE_CONNECT_RETRY = 1, SOURCE_RETRY_COUNT = 1000;
  START REPLICA"

field() {
  local value
  value=$(sql "$server" 'SHOW REPLICA STATUS' --vertical --column-names | sed -n "s/^ *$1: //p")
  echo "${value:-(empty)}"
}
refused() { [[ $(field Last_IO_Errno) == 2003 ]]; }
idle() { [[ $(field Replica_SQL_Running_State) == 'Replica has read all relay log'* ]]; }
wait_for 20 refused
wait_for 20 idle

expect 'connecting, receiver and lag' 'Connecting 0' "$(field Replica_IO_Running) $(field Seconds_Behind_Source)"
expect 'connecting, error' 2003 "$(field Last_IO_Errno)"
expect 'connecting, positions read and executed' '4 0' "$(field Read_Source_Log_Pos) $(field Exec_Source_Log_Pos)"

sql "$server" 'STOP REPLICA IO_THREAD'
expect 'receiver stopped, receiver and lag' 'No 0' "$(field Replica_IO_Running) $(field Seconds_Behind_Source)"
expect 'receiver stopped, applier' 'Replica has read all relay log; waiting for more updates' \
  "$(field Replica_SQL_Running_State)"

sql "$server" 'STOP REPLICA'
expect 'both stopped, lag' NULL "$(field Seconds_Behind_Source)"
conclude
