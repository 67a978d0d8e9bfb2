# Completion of mysql-query-exporter for bash. Made by `npm run docs` from src/commands: change that.

_mysql_query_exporter() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} first=${COMP_WORDS[1]}
  local flags operands wanted=''
  COMPREPLY=()
  # bash takes --flag=value for three words.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ $prev == = ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  case $first in
    probe)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --query-set --query --debug --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics) wanted='@file' ;;
        --max-queries | --query-set | --query) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
      esac
      ;;
    check)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --target --all-targets --format --web.config.file --help'
      operands='@file'
      case $prev in
        --config.file | --config | --config-database | --config-metrics | --web.config.file) wanted='@file' ;;
        --max-queries | --target) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
        --format) wanted='text json' ;;
      esac
      ;;
    canary)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --targets --limit --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics) wanted='@file' ;;
        --max-queries | --targets | --limit) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
      esac
      ;;
    config)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics) wanted='@file' ;;
        --max-queries) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
      esac
      ;;
    grants)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --target --flavour --user --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics) wanted='@file' ;;
        --max-queries | --target | --user) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
        --flavour) wanted='mysql mariadb' ;;
      esac
      ;;
    sd)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --group --recipe --address --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics) wanted='@file' ;;
        --max-queries | --group | --address) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
        --recipe) wanted='direct' ;;
      esac
      ;;
    schema)
      flags='--help'
      operands='targets queries'
      ;;
    convert)
      flags='--from --output --help'
      operands='@file'
      case $prev in
        --from) wanted='query-exporter query-exporter-simple sql_exporter percona my.cnf' ;;
        --output) wanted='@folder' ;;
      esac
      ;;
    rds-token)
      flags='--host --user --port --region --help'
      operands='@unknown'
      case $prev in
        --host | --user | --port | --region) wanted='@unknown' ;;
      esac
      ;;
    healthcheck)
      flags='--web.listen-address --web.external-url --help'
      operands='@unknown'
      case $prev in
        --web.listen-address | --web.external-url) wanted='@unknown' ;;
      esac
      ;;
    *)
      flags='--config.file --config --config-database --config-metrics --max-queries --log.level --log.format --web.listen-address --web.systemd-socket --web.config.file --web.external-url --web.health-without-login --web.max-requests --web.max-response-bytes --web.history --max-connections --max-result-bytes --config.auto-reload-interval --no-web.enable-reload --timeout-offset --bind --address --threads --help'
      operands='@unknown'
      case $prev in
        --config.file | --config | --config-database | --config-metrics | --web.config.file) wanted='@file' ;;
        --max-queries | --web.listen-address | --web.external-url | --web.max-requests | --web.max-response-bytes | --web.history | --max-connections | --max-result-bytes | --config.auto-reload-interval | --timeout-offset | --bind | --address | --threads) wanted='@unknown' ;;
        --log.level) wanted='debug info warn error' ;;
        --log.format) wanted='logfmt json' ;;
      esac
      ;;
  esac
  if [[ -z $wanted && $cur == -* ]]; then
    wanted=$flags
    if ((COMP_CWORD == 1)); then wanted+=' --version'; fi
  elif [[ -z $wanted ]]; then
    wanted=$operands
    if ((COMP_CWORD == 1)); then wanted='serve probe check canary config grants sd schema convert rds-token healthcheck'; fi
  fi
  case $wanted in
    @file)
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$cur")
      ;;
    @folder)
      compopt -o filenames 2> /dev/null
      mapfile -t COMPREPLY < <(compgen -d -- "$cur")
      ;;
    @unknown) ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$wanted" -- "$cur") ;;
  esac
}

complete -F _mysql_query_exporter mysql-query-exporter
