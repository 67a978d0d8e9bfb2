#!/usr/bin/env bash
# Prometheus: two targets that differ in a URL parameter only are both scraped, into one series.
#
# Target labels that begin with __ vanish before a sample is stored, but __param_x is part of a target's URL, and a
# target is told from another by its remaining labels *and* its URL. So two groups of a discovery that differ only in
# __param_target are two targets with one set of labels. Both are scraped, both are "up", and their samples go in turn
# into the same series: a gauge jumps between two servers, a counter seems to be reset at every scrape, and there is
# one `up` for two servers. Nothing is reported, for the samples have different times. promtool finds no fault. A
# multi-target exporter needs a visible label for each target (mostly instance, from __param_target).
#
# Versions: Prometheus 3.5.3 (Debian 3.5.3+ds1-6).
# Source: scrape/target.go of Prometheus hashes labels and URL. The multi-target exporter guide shows the relabelling
#   that sets instance, and does not say what happens without.
# Seen:
#   promtool check config: accepted
#   active targets: 2 of 2 healthy
#   series of the gauge: 1
#   values in that series: 1 2
#   series of up: 1
#   samples that Prometheus reports as duplicate or out of order: 0

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

prometheus_packages
port=$(free_port)
cat >"$tmp/exporter.cjs" <<'END'
require('node:http').createServer((request, response) => {
  const target = new URL(request.url, 'http://exporter').searchParams.get('target');
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(`# TYPE answered gauge\nanswered ${target}\n`);
}).listen(Number(process.argv[2]), '127.0.0.1');
END
start "$tmp/exporter.log" node "$tmp/exporter.cjs" "$port"

cat >"$tmp/prometheus.yml" <<END
scrape_configs:
  - job_name: databases
    scrape_interval: 1s
    metrics_path: /probe
    static_configs:
      - targets: ['127.0.0.1:$port']
        labels: {__param_target: '1'}
      - targets: ['127.0.0.1:$port']
        labels: {__param_target: '2'}
END
verdict=refused
if "${run[@]}" "$root/usr/bin/promtool" check config "$tmp/prometheus.yml" >/dev/null 2>&1; then verdict=accepted; fi
expect 'promtool check config' accepted "$verdict"

start_prometheus "$tmp/prometheus.yml"
scraped_often() {
  [[ $(ask_prometheus query '.result[].value[1]' --data-urlencode 'query=sum(count_over_time(answered[1m])) >= 8') ]]
}
wait_for 60 scraped_often
expect 'active targets' '2 of 2 healthy' \
  "$(ask_prometheus targets '[.activeTargets[].health] | "\(map(select(. == "up")) | length) of \(length) healthy"')"
expect 'series of the gauge' 1 "$(ask_prometheus query '.result | length' --data 'query=answered')"
expect 'values in that series' '1 2' \
  "$(ask_prometheus query '[.result[].values[][1]] | unique | join(" ")' --data-urlencode 'query=answered[1m]')"
expect 'series of up' 1 "$(ask_prometheus query '.result | length' --data 'query=up')"
expect 'samples that Prometheus reports as duplicate or out of order' 0 \
  "$(curl --silent --fail "http://$prometheus/metrics" |
    awk '/^prometheus_target_scrapes_sample_(duplicate_timestamp|out_of_order)_total/ { n += $2 } END { print n + 0 }')"
conclude
