#!/usr/bin/env bash
# Prometheus: a discovered target with __scrape_interval__ below the job's timeout is neither active nor dropped: it is
# not there.
#
# `scrape_interval: 5s` in a job is enough: the job's timeout, by default 10s, is lowered to fit. The label
# __scrape_interval__: 5s of one target does not lower it. The target is then refused when its list is taken over, and it
# vanishes from everything a person looks at: no `up`, not among the active targets, not among the dropped ones. The
# discovery itself counts as a success. What is left is a line in the log and prometheus_target_sync_failed_total. An
# alert on up == 0 cannot see it. Whoever sends __scrape_interval__ must send __scrape_timeout__ with it.
#
# Versions: Prometheus 3.5.3 (Debian 3.5.3+ds1-6).
# Source: the labels came with github.com/prometheus/prometheus/pull/8911; the configuration reference names them and
#   says for a job that its timeout cannot be above its interval. What becomes of such a target was seen on a running
#   server.
# Seen:
#   job with scrape_interval 5s, its target's timeout: 5s
#   job with labels, targets that the discovery gave: 2
#   job with labels, active targets: localhost
#   job with labels, dropped targets: 0
#   job with labels, series of up: localhost
#   job with labels, failed refreshes of the discovery: 0
#   job with labels, prometheus_target_sync_failed_total: above 0

# shellcheck source-path=SCRIPTDIR source=lib/servers.sh
source "$(dirname "$0")/lib/servers.sh"

prometheus_packages
port=$(free_port)
cat >"$tmp/exporter.cjs" <<'END'
const port = process.argv[2];
const groups = [
  { targets: [`127.0.0.1:${port}`], labels: { __scrape_interval__: '5s' } },
  { targets: [`localhost:${port}`], labels: {} },
];
require('node:http').createServer((request, response) => {
  const discovery = request.url === '/discovery';
  response.setHeader('content-type', discovery ? 'application/json' : 'text/plain; version=0.0.4');
  response.end(discovery ? JSON.stringify(groups) : '# TYPE answered gauge\nanswered 1\n');
}).listen(Number(port), '127.0.0.1');
END
start "$tmp/exporter.log" node "$tmp/exporter.cjs" "$port"

cat >"$tmp/prometheus.yml" <<END
scrape_configs:
  - job_name: plain
    scrape_interval: 5s
    static_configs:
      - targets: ['127.0.0.1:$port']
  - job_name: labels
    scrape_interval: 10s
    http_sd_configs:
      - url: http://127.0.0.1:$port/discovery
        refresh_interval: 2s
END
start_prometheus "$tmp/prometheus.yml"

of_job='select(.labels.job == "labels")'
metric() { curl --silent --fail "http://$prometheus/metrics" | awk -v name="$1" 'index($0, name) == 1 { print $NF }'; }
scraped() { [[ $(ask_prometheus query '.result | length' --data-urlencode 'query=up{job="labels"}') -gt 0 ]]; }
wait_for 30 scraped

expect "job with scrape_interval 5s, its target's timeout" 5s \
  "$(ask_prometheus targets '.activeTargets[] | select(.labels.job == "plain") | .scrapeTimeout')"
expect 'job with labels, targets that the discovery gave' 2 \
  "$(metric 'prometheus_sd_discovered_targets{config="labels"')"
expect 'job with labels, active targets' localhost \
  "$(ask_prometheus targets "[.activeTargets[] | $of_job | .labels.instance | sub(\":.*\"; \"\")] | join(\" \")")"
expect 'job with labels, dropped targets' 0 "$(ask_prometheus targets '.droppedTargetCounts.labels')"
expect 'job with labels, series of up' localhost \
  "$(ask_prometheus query '[.result[].metric.instance | sub(":.*"; "")] | join(" ")' \
    --data-urlencode 'query=up{job="labels"}')"
expect 'job with labels, failed refreshes of the discovery' 0 \
  "$(metric 'prometheus_sd_refresh_failures_total{' | awk '{ n += $1 } END { print n + 0 }')"
failed=$(metric 'prometheus_target_sync_failed_total{scrape_job="labels"}')
expect 'job with labels, prometheus_target_sync_failed_total' 'above 0' "$( ((failed > 0)) && echo 'above 0' || echo 0)"
conclude
