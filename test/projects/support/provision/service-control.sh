#!/bin/bash
# In place of systemctl, where systemd does not run: what is enabled and active are files, and of the
# servers those run that provision.sh talks to.
set -eu
state=/run/stand-in
mkdir -p $state/enabled $state/active
verb=$1
shift
now='' units=()
for argument in "$@"; do
  case $argument in
    --now) now=yes ;;
    --quiet) ;;
    *) units+=("$argument") ;;
  esac
done

start() {
  [ ! -e "$state/active/$1" ] || return 0
  case $1 in
    mariadb.service)
      install -d -o mysql /run/mysqld
      mariadbd --user=mysql > /run/mariadb.log 2>&1 < /dev/null &
      echo $! > $state/mariadb
      until mariadb --execute 'SELECT 1' > /dev/null 2>&1; do
        kill -0 $! || exit 1
        sleep 0.2
      done
      ;;
    redis-server.service)
      redis-server /etc/redis/redis.conf --supervised no --daemonize no > /run/redis.log 2>&1 < /dev/null &
      echo $! > $state/redis
      ;;
    nginx.service) nginx -t -q ;;
    *) [ -f "/etc/systemd/system/$1" ] || [ -f "/lib/systemd/system/$1" ] || exit 5 ;;
  esac
  touch "$state/active/$1"
}

stop() {
  local pid=$state/${1%%[-.]*}
  if [ -f "$pid" ]; then
    kill "$(cat "$pid")"
    while kill -0 "$(cat "$pid")" 2> /dev/null; do sleep 0.1; done
    rm "$pid"
  fi
  rm -f "$state/active/$1"
}

for unit in "${units[@]}"; do
  case $verb in
    is-enabled) [ -e "$state/enabled/$unit" ] ;;
    is-active) [ -e "$state/active/$unit" ] ;;
    enable)
      touch "$state/enabled/$unit"
      [ -z "$now" ] || start "$unit"
      ;;
    start) start "$unit" ;;
    stop) stop "$unit" ;;
    restart)
      stop "$unit"
      start "$unit"
      ;;
    reload | reload-or-restart)
      case $unit in
        nginx.service) nginx -t -q ;;
        nftables.service) nft --check --file /etc/nftables.conf ;;
      esac
      ;;
  esac
done
