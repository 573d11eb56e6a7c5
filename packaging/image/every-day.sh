#!/bin/sh
# In the container of compose.yaml: every day at $AT a sync, and what is new into InfluxDB. Any other word than `daily` goes to
# fitbit-hr. What is set: AT (HH:MM by TZ), EXTRACT, DEMO (`--demo`), FROM (the first day), INFLUX (its address) and DAYS (how far
# back values change).
set -u
say() { echo "$(date '+%F %T') $*"; }

# Everything at first, then the days that the service may still have changed: a point that is there already is replaced.
push() {
  since=${FROM:+--from=$FROM}
  if [ -e /state/pushed ]; then since="--from=$(date -d "@$(($(date +%s) - ${DAYS:-35} * 86400))" +%F)"; fi
  # shellcheck disable=SC2086
  fitbit-hr -q ${DEMO:-} export --extract "${EXTRACT:-all}" $since --format influx -o /data/influx/ || return
  for file in /data/influx/*.influx; do
    wget -q -O - --post-file="$file" "$INFLUX/write?db=${DATABASE:-health}" || return
  done
  touch /state/pushed
}

once() {
  # shellcheck disable=SC2086
  fitbit-hr ${DEMO:-} sync --extract "${EXTRACT:-all}" ${FROM:+--from=$FROM} && push
  code=$?
  if [ "$code" -eq 0 ]; then say "up to date"; else say "not up to date: exit code $code"; fi
  return "$code"
}

# Seconds until $AT comes next.
pause() {
  now=$(date +%s)
  next=$(date -d "$(date +%F) ${AT:-07:30}" +%s)
  if [ "$next" -le "$now" ]; then next=$((next + 86400)); fi
  echo $((next - now))
}

case "${1:-daily}" in
  daily)
    trap 'exit 0' TERM INT
    once
    while :; do
      # In the background, so that a signal is not kept waiting for it.
      sleep "$(pause)" & wait $!
      once
    done
    ;;
  once) once ;;
  *) exec fitbit-hr "$@" ;;
esac
