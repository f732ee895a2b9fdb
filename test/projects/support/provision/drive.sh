#!/bin/bash
# What deploy-provision.test.ts has done in a fresh Debian; what each step said, and its exit code, goes
# into /out. With the argument "packages" what needs the network; then, without it, the rest, in a
# network of its own: the ports of its servers may be taken on this machine.
set -u
export HOME=/root LC_ALL=C SERVICE_CONTROL=service-control SWAP_MB=16
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
scripts=/given/project/deploy/vps
credentials=/etc/my-app/credentials
release=/srv/my-app/releases/one

run() {
  local name=$1
  shift
  "$@" > "/out/$name" 2>&1
  echo $? > "/out/$name.code"
}

# All but what runs, and what the servers write.
listing() {
  local left_out=(-path /proc -o -path /dev -o -path /sys -o -path /run -o -path /out -o -path /var/lib/mysql -o -path /var/lib/redis -o -path /var/log)
  find / -xdev \( "${left_out[@]}" \) -prune -o -printf '%p %y %l %m %U:%G %t\n' | sort
  find / -xdev \( "${left_out[@]}" \) -prune -o -type f -exec sha256sum {} + | sort
}

as_owner() {
  cd "$release" || return
  MIGRATION_DATABASE_URL=$(cat $credentials/MIGRATION_DATABASE_URL) DATABASE_URL=$(cat $credentials/DATABASE_URL) /opt/node-24/bin/node src/commands/migrate.ts
}

if [ "${1:-}" = packages ]; then
  run refused env NODE_ARCHIVE=/given/other.tar.xz bash $scripts/provision.sh
  exit
fi
# SIOCSIFFLAGS with IFF_UP: a network of one's own begins with its loopback down.
perl -e 'socket(my $s, 2, 2, 0); my $up = pack("a16 s x14", "lo", 1); ioctl($s, 0x8914, $up) or die $!'
run first env NODE_ARCHIVE=/given/node.tar.xz bash $scripts/provision.sh
listing > /out/listing-1
run second bash $scripts/provision.sh
listing > /out/listing-2
run site bash $scripts/site.sh

cp -r /given/project/. "$release"
ln -s ../../shared "$release/secrets"
ln -s releases/one /srv/my-app/current
run migrate as_owner
run keys bash $scripts/run.sh keys init --instances none
run grants mariadb --batch --skip-column-names --execute "SHOW GRANTS FOR 'my_app'@'127.0.0.1'"
run backup bash $scripts/backup.sh --full
run check bash $scripts/restore-check.sh
mariadb --execute "UPDATE my_app.audit_log SET actor = 'nobody' LIMIT 1"
run backup-changed bash $scripts/backup.sh --full
run check-changed bash $scripts/restore-check.sh
find /etc/my-app /srv/my-app/shared -printf '%m %u %p\n' | sort > /out/secrets
