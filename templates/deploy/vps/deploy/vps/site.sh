#!/usr/bin/env bash
# Installs the site of nginx, fitted to the nginx and OpenSSL of this machine and to the instances. What
# nginx does not take is taken back, and it goes on as it was.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
  load_settings
  need_root
  command -v nginx > /dev/null || fail 3 "There is no nginx: run provision.sh first."
  local draft
  draft=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$draft'" EXIT
  mkdir "$draft/new" "$draft/old"
  cp "$HERE/nginx/site.conf" "$draft/new/site.conf"
  upstreams > "$draft/new/upstreams.conf"
  listen > "$draft/new/listen.conf"
  drains > "$draft/new/drains.conf"

  say "include $APP_NAME/upstreams.conf; include $APP_NAME/site.conf;" > "$draft/new/include.conf"

  local place=$NGINX/$APP_NAME include=$NGINX/conf.d/$APP_NAME.conf
  [ ! -d "$place" ] || cp -a "$place/." "$draft/old"
  [ ! -e "$place.pending" ] && cmp --silent "$place/include.conf" "$include" && diff -rq "$draft/new" "$place" > /dev/null && return
  [ ! -e "$include" ] || cp -a "$include" "$draft/include"
  # Who is killed between here and the reload leaves that to the next one.
  mkdir -p "$NGINX"
  : > "$place.pending"
  install -D -m 644 -t "$place" "$draft"/new/*
  install -D -m 644 "$draft/new/include.conf" "$include"
  if ! nginx -t -q; then
    rm -r "$place" "$include"
    [ -z "$(ls "$draft/old")" ] || cp -a "$draft/old" "$place"
    [ ! -e "$draft/include" ] || cp -a "$draft/include" "$include"
    rm "$place.pending"
    fail 3 "nginx does not take the site, and goes on with what it had; what it says is above."
  fi
  service_control reload nginx.service
  rm "$place.pending"
}

# All instances, and for each one all but it, for the time in which it is restarted.
upstreams() {
  local without instance port
  for ((without = 0; without <= INSTANCES; without += 1)); do
    say "upstream $APP_NAME-$without {"
    say "  zone $APP_NAME-$without 64k;"
    instance=0
    for port in $PORTS; do
      instance=$((instance + 1))
      # The last resort: it may still answer, or does again, when no other one does.
      if [ "$instance" = "$without" ] && [ "$INSTANCES" -gt 1 ]; then
        say "  server 127.0.0.1:$port backup;"
      else
        say "  server 127.0.0.1:$port max_fails=2 fail_timeout=5s;"
      fi
    done
    # Shorter than the 65 seconds for which the service keeps its side: it must never be the one who
    # closes a connection on which a request is just sent.
    say "  keepalive 32;"
    say "  keepalive_timeout 60s;"
    say "}"
  done
}

# A file takes an instance out at once. A reload would do so too, and would close every client's
# connection, some with a request on its way.
drains() {
  local instance
  say "set \$upstream $APP_NAME-0;"
  for ((instance = 1; instance <= INSTANCES; instance += 1)); do
    say "if (-f /run/$APP_NAME/drain-$instance) { set \$upstream $APP_NAME-$instance; }"
  done
}

# Mozilla's guideline asks for X25519MLKEM768 first, and OpenSSL has that from 3.5 on: an older one
# refuses to start. The directive http2 came with nginx 1.25.1.
listen() {
  local curves=X25519:prime256v1:secp384r1 versions nginx openssl
  versions=$(nginx -V 2>&1)
  nginx=$(grep -o 'nginx/[0-9.]*' <<< "$versions" | head -1)
  openssl=$(grep -o 'OpenSSL [0-9.]*' <<< "$versions" | tail -1)
  at_least "${openssl#* }" 3.5.0 && curves=X25519MLKEM768:$curves
  say "ssl_ecdh_curve $curves;"
  if at_least "${nginx#*/}" 1.25.1; then
    say "listen 443 ssl;"
    say "listen [::]:443 ssl;"
    say "http2 on;"
  else
    say "listen 443 ssl http2;"
    say "listen [::]:443 ssl http2;"
  fi
}

at_least() { [ "$(printf '%s\n' "$1" "$2" | sort --version-sort | head -1)" = "$2" ]; }

main "$@"
