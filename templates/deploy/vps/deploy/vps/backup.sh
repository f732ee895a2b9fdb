#!/usr/bin/env bash
# Every quarter of an hour, by a timer: what was written since. Once a night, or with --full, all of it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/backup-lib.sh"

NIGHT=03:00          # UTC
KEEP_NIGHTS=14
CHECK_DAYS=8         # a good restore has to be younger

main() {
  case ${1:-} in
    '' | --full) ;;
    *) fail 2 "Usage: backup.sh [--full]" ;;
  esac
  load_settings
  open_work
  trap finish EXIT
  take_backup_lock
  find_tools --defaults-file="$SECRETS/backup_client.cnf"
  need_binlog
  if [ "${1:-}" != --full ] && newest=$(newest_backup) && continues "$newest" && ! is_due "$newest"; then
    ship_binlogs "$newest"
  else
    make_backup
    made=yes
  fi
  # First: a remote that takes nothing must not fill the disk of the database.
  prune
  send_away
  [ -z "${made:-}" ] || need_checked
}

take_backup_lock() {
  exec 8> "$BACKUPS/.lock"
  flock --nonblock 8 || fail 3 "Another backup is being made: wait for its end."
  HELD=yes
}

need_binlog() {
  local values
  read -r DATABASE_NAME values <<< "$(sql "SELECT DATABASE(), CONCAT(IF(@@log_bin, 1, 0), '/', @@server_id)")"
  SERVER_ID=${values#*/}
  [ "$DATABASE_NAME" != NULL ] || fail 3 "client.cnf names no database: write database=… into it."
  [ "${values%/*}" = 1 ] || fail 3 "The server writes no binlog, without which no point in time can be restored: set log_bin."
}

newest_backup() { (resolve_backup latest) 2> /dev/null; }

# Another server, or one that has removed binlogs that are not here yet: what follows does not fit.
continues() {
  local last
  [ "$(about "$1" SERVER_ID)" = "$SERVER_ID" ] || return 1
  last=$(tail -n 1 "$1/binlogs/SHA256SUMS" | sed 's/.* //; s/\.zst\.age$//')
  sql 'SHOW BINARY LOGS' | cut -f1 | grep -qxF "$(binlog_after "$last")"
}

is_due() {
  local night
  night=$(date -d "$NIGHT" +%s)
  [ "$(date +%s)" -ge "$night" ] || night=$((night - 86400))
  [ "$(date -d "$(about "$1" STARTED)" +%s)" -lt "$night" ]
}

make_backup() {
  local started folder making=$BACKUPS/.making
  started=$(date +%Y-%m-%dT%H:%M:%SZ)
  folder=$BACKUPS/${started//:/}
  rm -rf "$making"
  mkdir -p "$making/binlogs"
  dump > "$making/dump.sql.zst.age"
  count_rows > "$making/counts"
  sql "SELECT DISTINCT GRANTEE FROM (SELECT GRANTEE FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE() UNION SELECT GRANTEE FROM information_schema.SCHEMA_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()) AS each_one" > "$making/accounts"
  state > "$making/state.tar.zst.age"
  cat > "$making/about" << about
FORMAT=1
VENDOR=$VENDOR
SERVER_ID=$SERVER_ID
DATABASE=$DATABASE_NAME
STARTED=$started
$(cat "$WORK/position")
about
  (cd "$making" && sha256sum about counts accounts dump.sql.zst.age state.tar.zst.age > SHA256SUMS)
  : > "$making/binlogs/SHA256SUMS"
  ship_binlogs "$making"
  sync --file-system "$making"
  mv -T "$making" "$folder"
  say "Backed up $DATABASE_NAME into $folder."
}

dump() {
  local options=(--single-transaction --routines --triggers --events --hex-blob --default-character-set=utf8mb4)
  case $VENDOR in
    mariadb) options+=(--master-data=2) ;;
    mysql) options+=(--source-data=2 --set-gtid-purged=OFF --no-tablespaces) ;;
  esac
  "$DUMP" --defaults-file="$SECRETS/backup_client.cnf" "${options[@]}" "$DATABASE_NAME" | note_position | seal
}

# The dump's head says where in the binlog it was taken, and comes after the moment whose rows follow.
note_position() {
  local line
  while IFS= read -r line; do
    printf '%s\n' "$line"
    [[ $line == *_LOG_FILE=* ]] || continue
    sed -E "s/.*_LOG_FILE='([^']*)', *[A-Z]*_LOG_POS=([0-9]*).*/DUMP_FILE=\1\nDUMP_POSITION=\2/" <<< "$line" > "$WORK/position"
    date +DUMPED=%Y-%m-%dT%H:%M:%SZ >> "$WORK/position"
    break
  done
  cat
}

# All of one moment, whose place in the binlog is known: a restore up to there has as many.
count_rows() {
  local tables table statements='' position file at
  tables=$(sql "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' ORDER BY TABLE_NAME")
  for table in $tables; do statements+="SELECT '$table', COUNT(*) FROM \`$table\`;"; done
  case $VENDOR in
    mariadb) position="START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'BINLOG_SNAPSHOT_FILE'), (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'BINLOG_SNAPSHOT_POSITION');" ;;
    mysql) position="FLUSH TABLES WITH READ LOCK; START TRANSACTION WITH CONSISTENT SNAPSHOT; SHOW BINARY LOG STATUS; UNLOCK TABLES;" ;;
  esac
  sql "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ; $position $statements" > "$WORK/counts"
  read -r file at _ < "$WORK/counts"
  printf 'COUNT_FILE=%s\nCOUNT_POSITION=%s\n' "$file" "$at" >> "$WORK/position"
  tail -n +2 "$WORK/counts"
}

# Not what the backups themselves are opened and sent with: that would lie beside its own lock.
state() {
  (cd "$SECRETS" && find . -type f ! -name 'backup_*' -print0 | tar --create --null --files-from=-) | seal
}

seal() { zstd --quiet --stdout | age --encrypt --recipients-file "$SECRETS/backup_recipient"; }

# Closes the binlog that is written to, and copies those that are closed and not here yet.
ship_binlogs() {
  local folder=$1/binlogs until name next
  until=$(sql "SELECT DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ')")
  sql 'FLUSH BINARY LOGS'
  next=$(tail -n 1 "$folder/SHA256SUMS" | sed 's/.* //; s/\.zst\.age$//')
  if [ -n "$next" ]; then next=$(binlog_after "$next"); else next=$(about "$1" DUMP_FILE); fi
  mkdir -p "$WORK/raw"
  for name in $(sql 'SHOW BINARY LOGS' | cut -f1 | sed '$d'); do
    [ "$name" = "$next" ] || continue
    "$BINLOG" --defaults-file="$SECRETS/backup_client.cnf" --read-from-remote-server --raw --result-file="$WORK/raw/" "$name"
    seal < "$WORK/raw/$name" > "$folder/$name.zst.age"
    rm "$WORK/raw/$name"
    (cd "$folder" && sha256sum "$name.zst.age" >> SHA256SUMS)
    next=$(binlog_after "$next")
  done
  printf '%s\n' "$until" > "$folder/until"
}

send_away() {
  local remote
  remote=$(cat "$SECRETS/backup_remote" 2> /dev/null || true)
  [ -n "$remote" ] || return 0
  rclone --config "$SECRETS/backup_rclone.conf" copy "$BACKUPS" "$remote" --filter '- .*/**' --filter '- .*'
  say "Copied to $remote."
}

# The newest stays, however old it is.
prune() {
  local folder newest limit
  newest=$(newest_backup)
  limit=$(date -d "-$KEEP_NIGHTS days" +%Y-%m-%dT%H:%M:%SZ)
  for folder in "$BACKUPS"/2*; do
    [ "$folder" != "$newest" ] || continue
    [[ $(about "$folder" STARTED) > $limit ]] || rm -rf "$folder"
  done
}

need_checked() {
  local good oldest
  # With the slash: systemd makes the folder a link.
  oldest=$(find "$BACKUPS/" -maxdepth 1 -name '2*' -mtime +$CHECK_DAYS)
  good=$(find "$BACKUPS/" -maxdepth 1 -name last-good-restore -mtime -$CHECK_DAYS)
  [ -n "$good" ] || [ -z "$oldest" ] ||
    fail 3 "No backup has been restored for more than $CHECK_DAYS days: see journalctl -u $APP_NAME-restore-check."
}

finish() {
  local code=$?
  rm -rf "$WORK" ${HELD:+"$BACKUPS/.making"}
  # What root has made by hand is the timer's to go on with.
  [ -n "$ROOT_PREFIX" ] || [ "$(id -u)" != 0 ] || chown -R --reference="$BACKUPS/." "$BACKUPS/."
  [ "$code" = 0 ] || alert "The backup failed (exit code $code): see journalctl -u $APP_NAME-backup."
}

main "$@"
