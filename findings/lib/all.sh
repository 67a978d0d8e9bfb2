#!/usr/bin/env bash
# Runs every finding, one after another, and shares the downloaded packages among them.
#
# Exit codes as those of a finding: 1 when one has changed, otherwise 2 when one could not be tried, otherwise 0.

set -euo pipefail

downloads=$(mktemp -d "${TMPDIR:-/tmp}/findings.XXXXXX")
child=
finish() {
  trap - EXIT
  trap '' INT TERM HUP
  if [[ -n $child ]]; then
    kill -TERM "$child" 2>/dev/null || true
    wait "$child" || true
  fi
  rm -rf "$downloads"
}
trap finish EXIT
trap 'exit 2' INT TERM HUP

changed=()
untried=()
for finding in "$(dirname "$0")"/../*.sh; do
  name=$(basename "$finding" .sh)
  echo "$name"
  FINDINGS_DOWNLOADS=$downloads bash "$finding" &
  child=$!
  code=0
  wait "$child" || code=$?
  child=
  case $code in
    0) ;;
    1) changed+=("$name") ;;
    *) untried+=("$name") ;;
  esac
done

echo "changed: ${changed[*]:-none}"
echo "not tried: ${untried[*]:-none}"
if ((${#changed[@]} > 0)); then exit 1; fi
if ((${#untried[@]} > 0)); then exit 2; fi
