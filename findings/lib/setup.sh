# shellcheck shell=bash
# What every finding begins with: a temporary folder, the end of everything that was started, and the verdict.
#
# Exit codes: 0 all is as described, 1 something differs, 2 the finding could not be tried. An error that the
# finding does not expect (no network, a server that does not start) therefore ends with 2, never with 1.

set -euo pipefail

tmp=$(mktemp -d "${TMPDIR:-/tmp}/finding.XXXXXX")
started=()
differences=0
exit_code=2

finish() {
  trap - EXIT
  trap '' INT TERM HUP
  # The last one first: what was started later may depend on what was started before.
  local i
  for ((i = ${#started[@]} - 1; i >= 0; i--)); do
    stop "${started[i]}"
  done
  rm -rf "$tmp"
  if ((exit_code == 2)); then echo 'could not be tried' >&2; fi
  exit "$exit_code"
}
trap finish EXIT
trap 'exit 2' INT TERM HUP

# Ends a process that `start` started: asked first, forced after ten seconds. One that ended by itself is left
# alone, for its number may be another process's by now.
stop() {
  local pid=$1 tries
  for ((tries = 0; tries < 100; tries++)); do
    is_running "$pid" || return 0
    ((tries > 0)) || kill -TERM "$pid" 2>/dev/null || true
    sleep 0.1
  done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" || true
}

is_running() { [[ " $(jobs -pr | tr '\n' ' ')" == *" $1 "* ]]; }

# Runs a command in the background until the script ends; its output goes to the file.
start() {
  local log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null &
  started+=("$!")
}

stop_last() { stop "${started[-1]}"; }

give_up() {
  echo "$*" >&2
  exit 2
}

# Repeats a command until it succeeds: at most that many seconds, then the finding could not be tried.
wait_for() {
  local seconds=$1 end=$((SECONDS + $1))
  shift
  until "$@" >"$tmp/waiting" 2>&1; do
    ((SECONDS < end)) || give_up "waited $seconds s in vain for: $*: $(tail -n 3 "$tmp/waiting")"
    sleep 0.2
  done
}

# Prints what was seen and keeps in mind whether it is what the finding says. Nothing at all means that the
# question could not be asked.
expect() {
  local what=$1 described=$2 seen=$3
  [[ -n $seen ]] || give_up "no answer: $what"
  if [[ $seen == "$described" ]]; then
    printf '  %s: %s\n' "$what" "$seen"
  else
    printf '! %s: %s (described: %s)\n' "$what" "$seen" "$described"
    differences=$((differences + 1))
  fi
}

# The last line of every finding.
conclude() {
  if ((differences == 0)); then
    echo 'as described'
    exit_code=0
  else
    echo 'CHANGED'
    exit_code=1
  fi
  exit "$exit_code"
}

needs() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || give_up "$program is needed and not there"
  done
}

# A port of 127.0.0.1 that nobody listens on.
free_port() {
  node -e 'const s = require("node:net").createServer().listen(0, "127.0.0.1", () => {
    console.log(s.address().port);
    s.close();
  })'
}

# npm packages by name@version into $tmp/node_modules; scripts of packages are not run.
npm_packages() {
  needs node npm
  timeout --foreground 300 npm install --prefix "$tmp" --no-save --no-audit --no-fund --ignore-scripts --loglevel=error \
    "$@" >"$tmp/npm.log" 2>&1 || give_up "npm install $* failed: $(tail -n 3 "$tmp/npm.log")"
}
