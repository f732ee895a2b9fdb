#!/usr/bin/env bash
# Makes a fresh Debian or Ubuntu ready for deploy.sh; as root. Run again, it changes what differs, and
# nothing else: nothing that is in /etc/APP_NAME is ever written over.
#
#   NODE_ARCHIVE=FILE provision.sh    Node's archive from there, where it cannot be downloaded
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$HERE/ensure.sh"
. "$HERE/ensure-database.sh"

SWAP_MB=${SWAP_MB:-1024}

main() {
  load_settings
  need_root
  need_domain
  [ -x /usr/bin/apt-get ] || fail 3 "This is for Debian and Ubuntu, and there is no apt-get."
  umask 022
  trap stopped EXIT
  # Names of its users are up to seven characters longer, and MySQL takes 32.
  DATABASE_NAME=${APP_NAME//[^a-zA-Z0-9]/_} DATABASE_NAME=${DATABASE_NAME:0:25}

  step 'packages' ensure_packages
  step 'user' ensure_user
  step 'folders' ensure_folders
  step "Node.js $NODE_VERSION" ensure_node
  step 'swap' ensure_swap
  step 'time' ensure_time
  step 'security updates' ensure_updates
  step 'firewall' ensure_firewall
  if [ "$DATABASE" = local ]; then
    step 'MariaDB' ensure_database
    step "the database's users" ensure_database_users
  fi
  [ -z "$HAS_REDIS" ] || step 'Redis' ensure_redis
  step 'settings' ensure_settings
  step 'backups' ensure_backups
  step 'units' ensure_units
  step 'nginx' ensure_nginx
  step 'certificate' ensure_certificate
  tell
}

ensure_packages() {
  local wanted=(ca-certificates curl xz-utils git nginx certbot nftables unattended-upgrades systemd-timesyncd mariadb-client age zstd rclone) lacking=() name
  [ "$DATABASE" != local ] || wanted+=(mariadb-server)
  [ -z "$HAS_REDIS" ] || wanted+=(redis-server)
  for name in "${wanted[@]}"; do
    [ "$(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2> /dev/null)" = installed ] || lacking+=("$name")
  done
  [ "${#lacking[@]}" -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends "${lacking[@]}"
  did "installed ${lacking[*]}"
}

ensure_user() {
  id "$APP_USER" > /dev/null 2>&1 && return
  useradd --system --user-group --home-dir "$APP_PATH" --no-create-home --shell /usr/sbin/nologin "$APP_USER"
  did "made $APP_USER"
}

ensure_folders() {
  make_folder "$APP_PATH" 755 root
  make_folder "$APP_PATH/releases" 755 root
  make_folder "$SHARED" 700 "$APP_USER"
  make_folder "$CONFIG" 700 root
  make_folder "$CONFIG/credentials" 700 root
  make_folder "$CONFIG/backup" 700 root
  make_folder /var/www/acme 755 root
}

# NODE_HOME is a link, so that there is a Node.js at every moment of an update.
ensure_node() {
  local platform archive name
  case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) fail 3 "There is no archive of Node.js in node.sha256 for $(uname -m)." ;;
  esac
  archive=$(grep -E "^[0-9a-f]{64}  node-v${NODE_VERSION//./\\.}[.-].*$platform\.tar\.xz$" "$HERE/node.sha256" | cut -d' ' -f3 | sort --version-sort | tail -n 1 || true)
  [ -n "$archive" ] || fail 3 "node.sha256 has no line for Node.js $NODE_VERSION on $platform: add it from https://nodejs.org/dist/, file SHASUMS256.txt of the release."
  name=${archive%.tar.xz}
  [ "$(readlink "$NODE_HOME" || true)" != "$name" ] || return 0
  local work
  work=$(mktemp -d "$(dirname "$NODE_HOME")/.node-XXXXXX")
  if [ -n "${NODE_ARCHIVE:-}" ]; then
    cp "$NODE_ARCHIVE" "$work/$archive"
  else
    curl --silent --show-error --fail --proto '=https' --retry 3 --output "$work/$archive" "https://nodejs.org/dist/$(cut -d- -f2 <<< "$name")/$archive"
  fi
  if ! (cd "$work" && grep -F "  $archive" "$HERE/node.sha256" | sha256sum --check --status); then
    rm -r "$work"
    fail 3 "The archive of Node.js is not the one that node.sha256 names."
  fi
  tar --extract --xz --no-same-owner --file "$work/$archive" --directory "$work"
  rm -rf "${NODE_HOME%/*}/${name:?}"
  mv -T "$work/$name" "${NODE_HOME%/*}/$name"
  rm -r "$work"
  ln -sfn "$name" "$NODE_HOME.new"
  mv -T "$NODE_HOME.new" "$NODE_HOME"
  did "installed $name"
}

# For a short peak of memory; a unit, since systemd starts it before all that needs it.
ensure_swap() {
  [ "$(wc -l < /proc/swaps)" -lt 2 ] || [ -f /swapfile ] || return 0
  if [ ! -f /swapfile ]; then
    (umask 077 && fallocate --length "${SWAP_MB}M" /swapfile.new)
    mkswap /swapfile.new > /dev/null
    mv /swapfile.new /swapfile
    did "made /swapfile of $SWAP_MB MB"
  fi
  put_file "$UNITS/swapfile.swap" 644 << 'unit' && service_control daemon-reload
[Swap]
What=/swapfile

[Install]
WantedBy=swap.target
unit
  run_service swapfile.swap
}

ensure_time() { run_service systemd-timesyncd.service; }

ensure_updates() {
  put_file /etc/apt/apt.conf.d/20auto-upgrades 644 << 'conf' || true
APT::Periodic::Update-Package-Lists "1";
APT::Periodic::Unattended-Upgrade "1";
conf
  run_service unattended-upgrades.service
}

# A table of its own, beside those of others. sshd itself says where it listens.
ensure_firewall() {
  local ssh
  ssh=$(sshd -T 2> /dev/null | sed -n 's/^port //p' | sort -un | paste -sd , || true)
  grep -q '^table inet app$' /etc/nftables.conf || cp /etc/nftables.conf "/etc/nftables.conf.before-$APP_NAME"
  put_file /etc/nftables.conf 755 << conf && service_control reload-or-restart nftables.service
#!/usr/sbin/nft -f
table inet app
delete table inet app
table inet app {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    ct state invalid drop
    iif lo accept
    meta l4proto { 1, 58 } accept comment "ICMP and ICMPv6, whose names not every machine knows"
    tcp dport { ${ssh:-22}, 80, 443 } accept
  }
}
conf
  run_service nftables.service
}

# What is not known here is an empty file, or an empty value, for the owner to fill in.
ensure_settings() {
  local name
  for name in $CREDENTIALS; do
    [ -e "$CONFIG/credentials/$name" ] || put_file "$CONFIG/credentials/$name" 600 < /dev/null
    [ -s "$CONFIG/credentials/$name" ] || missing "$CONFIG/credentials/$name"
  done
  [ -e "$CONFIG/environment" ] || put_file "$CONFIG/environment" 600 <<< 'MAIL_FROM=""'
  ! grep -qx 'MAIL_FROM=""' "$CONFIG/environment" || missing "MAIL_FROM in $CONFIG/environment"
  [ "$DATABASE" = local ] || return 0
  if ! grep -q '^DATABASE_POOL_SIZE=' "$CONFIG/environment"; then
    printf 'DATABASE_POOL_SIZE="%s"\n' "$(pool_size)" >> "$CONFIG/environment"
    did "wrote DATABASE_POOL_SIZE"
  elif ! grep -qx "DATABASE_POOL_SIZE=\"$(pool_size)\"" "$CONFIG/environment"; then
    missing "DATABASE_POOL_SIZE in $CONFIG/environment, which would be $(pool_size) for $INSTANCES instances and $(max_connections) connections"
  fi
}

ensure_backups() {
  local folder=$CONFIG/backup
  if [ ! -s "$folder/identity" ]; then
    (umask 077 && age-keygen --output "$folder/identity" 2> /dev/null)
    put_file "$folder/recipient" 600 < <(age-keygen -y "$folder/identity")
    did "made the key of the backups"
    missing "a copy of $folder/identity in a safe place elsewhere: without it no backup can be opened"
  fi
  local name
  for name in client.cnf remote rclone.conf alert-url; do
    [ -e "$folder/$name" ] || put_file "$folder/$name" 600 < /dev/null
  done
  [ -s "$folder/client.cnf" ] || missing "$folder/client.cnf, by which the database is backed up (docs: backup.md)"
  [ -s "$folder/remote" ] || missing "$folder/remote, such as s3:bucket/$APP_NAME, and rclone.conf beside it: without them, backups are on this machine alone"
}

ensure_units() {
  local before
  before=$(units_now)
  install_units "$HERE/systemd"
  [ "$before" = "$(units_now)" ] || did "installed"
  [ -s "$CONFIG/backup/client.cnf" ] || return 0
  run_service "$APP_NAME-backup.timer"
  run_service "$APP_NAME-restore-check.timer"
}

units_now() { find "$UNITS" -path "$UNITS/$APP_NAME*" -type f -exec sha256sum {} + | sort; }

ensure_nginx() {
  if [ -e /etc/nginx/sites-enabled/default ]; then
    rm /etc/nginx/sites-enabled/default
    did "took its default site out of service"
  fi
  run_service nginx.service
}

# Asked for over HTTP, before there is a site with TLS; that comes with the first deployment.
ensure_certificate() {
  put_file /etc/letsencrypt/renewal-hooks/deploy/nginx 755 <<< '#!/bin/sh
exec systemctl reload nginx' || true
  [ ! -s "/etc/letsencrypt/live/$DOMAIN/fullchain.pem" ] || return 0
  # Beside the site, which goes on under its old name where the domain has changed.
  local answer=$NGINX/conf.d/$APP_NAME-acme.conf
  put_file "$answer" 644 << conf && service_control reload nginx.service
server {
  listen 80;
  listen [::]:80;
  server_name $DOMAIN;
  root /var/www/acme;
}
conf
  if certbot certonly --non-interactive --agree-tos --register-unsafely-without-email --webroot --webroot-path /var/www/acme --domain "$DOMAIN"; then
    rm "$answer"
    service_control reload nginx.service
    did "got one for $DOMAIN"
  else
    missing "a certificate: point $DOMAIN to this machine, and run this again"
  fi
}

stopped() {
  local code=$?
  [ "$code" = 0 ] || say "Stopped at: $STEP. What was done stays; run it again once that is mended." >&2
}

tell() {
  [ -n "${CHANGED:-}" ] || say "Nothing was changed."
  [ "${#MISSING[@]}" -gt 0 ] || return 0
  printf '\nStill to be done, as far as you use it:\n'
  printf '  %s\n' "${MISSING[@]}"
}

main "$@"
