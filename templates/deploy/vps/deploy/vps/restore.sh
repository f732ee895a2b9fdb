#!/usr/bin/env bash
# Puts a backup into a database: all that it has, or up to a time. Checks it first, as a whole.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/backup-lib.sh"

USAGE="Usage: restore.sh BACKUP|latest [--to 'YYYY-MM-DD HH:MM:SS'] [--into DATABASE] [--force]
                  [--client FILE] [--identity FILE]
       restore.sh BACKUP|latest --state FOLDER [--identity FILE]

--to        up to that second (UTC), which is not included; without it, all that the backup has
--into      another database than the one that was backed up
--force     the database is dropped first, where it has tables
--client    how to reach the server, an option file of mariadb's; root's own way without it
--identity  the key that opens backups, where it is not on this machine
--state     only the settings, credentials and keys, into an empty folder"

main() {
  read_arguments "$@"
  load_settings
  need_root
  open_work
  trap 'rm -rf "$WORK"' EXIT
  local backup
  backup=$(resolve_backup "$BACKUP" "$TO_ISO")
  if [ -n "$STATE" ]; then
    restore_state "$backup"
    return
  fi
  take_lock
  find_tools ${CLIENT_FILE:+--defaults-file="$CLIENT_FILE"}
  DATABASE_NAME=${INTO:-$(about "$backup" DATABASE)}
  need_same_vendor "$backup"
  need_time_within "$backup"
  need_empty
  say "Checking $backup …"
  verify_backup "$backup"
  [ -z "$FORCE" ] || sql "DROP DATABASE IF EXISTS \`$DATABASE_NAME\`"
  say "Loading the dump of $(about "$backup" STARTED) …"
  load_dump "$backup" "$DATABASE_NAME"
  say "Applying what was written since …"
  apply_binlogs "$backup" "$DATABASE_NAME" '' ${TO:+--stop-datetime="$TO"}
  say "Restored $DATABASE_NAME as of ${TO_ISO:-$(cat "$backup/binlogs/until")}. Make a fresh backup now: backup.sh --full"
}

read_arguments() {
  BACKUP='' TO='' TO_ISO='' INTO='' FORCE='' CLIENT_FILE='' IDENTITY='' STATE=''
  while [ $# -gt 0 ]; do
    case $1 in
      -h | --help) say "$USAGE" && exit 0 ;;
      --force) FORCE=yes ;;
      --to | --into | --client | --identity | --state)
        [ $# -gt 1 ] || fail 2 "$USAGE"
        case $1 in
          --to) TO=$2 ;;
          --into) INTO=$2 ;;
          --client) CLIENT_FILE=$2 ;;
          --identity) IDENTITY=$2 ;;
          --state) STATE=$2 ;;
        esac
        shift
        ;;
      -*) fail 2 "$USAGE" ;;
      *)
        [ -z "$BACKUP" ] || fail 2 "$USAGE"
        BACKUP=$1
        ;;
    esac
    shift
  done
  [ -n "$BACKUP" ] || fail 2 "$USAGE"
  [[ -z $INTO || $INTO =~ ^[A-Za-z0-9_]{1,64}$ ]] || fail 2 "--into is the name of a database: letters, digits and _."
  [ -z "$TO" ] || read_time
}

read_time() {
  TO_ISO=$(date -d "$TO UTC" +%Y-%m-%dT%H:%M:%SZ 2> /dev/null) || true
  [[ $TO =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}\ [0-9]{2}:[0-9]{2}:[0-9]{2}$ && -n $TO_ISO ]] ||
    fail 2 "--to is a time in UTC such as '2026-01-31 12:00:00'."
}

# A dump of one makes no whole database in the other, though much of it loads.
need_same_vendor() {
  local vendor
  vendor=$(about "$1" VENDOR)
  [ "$VENDOR" = "$vendor" ] || fail 3 "The backup is one of $vendor, and the server is $VENDOR."
}

need_time_within() {
  local from until
  from=$(about "$1" DUMPED) until=$(cat "$1/binlogs/until")
  [ -z "$TO_ISO" ] || [[ $TO_ISO > $from && ! $TO_ISO > $until ]] ||
    fail 3 "$1 has what was written from $from to $until: take another backup, or another time."
}

need_empty() {
  local tables
  tables=$(sql "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = '$DATABASE_NAME'")
  [ "$tables" = 0 ] || [ -n "$FORCE" ] ||
    fail 3 "The database $DATABASE_NAME has $tables tables: restore --into another one, or drop it by --force."
}

restore_state() {
  mkdir -p "$STATE"
  [ -z "$(ls -A "$STATE")" ] || fail 3 "$STATE is not empty."
  decrypt "$1/state.tar.zst.age" | tar --extract --directory "$STATE"
  say "Unpacked into $STATE."
}

main "$@"
