#!/usr/bin/env bash
# Once a week, by a timer: restores the newest backup into a server of its own, and looks whether all
# of it is there. Its result is in the journal, and the last good one's time in BACKUPS/last-good-restore.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$(dirname "${BASH_SOURCE[0]}")/backup-lib.sh"

main() {
  load_settings
  open_work
  trap finish EXIT
  local backup
  backup=$(resolve_backup latest)
  need_recent "$backup"
  DATABASE_NAME=$(about "$backup" DATABASE)
  start_server "$(about "$backup" VENDOR)"
  find_tools --no-defaults --user=root --socket="$SOCKET"
  verify_backup "$backup"
  make_accounts "$backup"
  load_dump "$backup" "$DATABASE_NAME"
  apply_binlogs "$backup" "$DATABASE_NAME" "$(about "$backup" COUNT_FILE)" --stop-position="$(about "$backup" COUNT_POSITION)"
  compare_counts "$backup"
  verify_audit "$backup"
  date +%Y-%m-%dT%H:%M:%SZ > "$BACKUPS/last-good-restore"
  say "Restored $backup: $(wc -l < "$backup/counts") tables have all their rows."
}

need_recent() {
  local started
  started=$(about "$1" STARTED)
  [ $(($(date +%s) - $(date -d "$started" +%s))) -lt 172800 ] || fail 3 "The newest backup is of $started: none was made since."
}

# Reached by its socket alone, and gone afterwards: what is lost in a crash is only made again.
start_server() {
  local data=$WORK/data options
  SOCKET_FOLDER=$(mktemp -d)
  SOCKET=$SOCKET_FOLDER/s
  options=(--no-defaults --datadir="$data" --tmpdir="$SOCKET_FOLDER")
  # Root alone may say as whom it runs: anybody else is refused the chown that this brings.
  [ "$(id -u)" != 0 ] || options+=(--user=root)
  case $1 in
    mariadb) mariadb-install-db "${options[@]}" --auth-root-authentication-method=normal --skip-test-db --force ;;
    mysql) mysqld "${options[@]}" --initialize-insecure --secure-file-priv=NULL ;;
  esac > "$WORK/server.log" 2>&1 || fail 1 "No data folder for the check can be made: $(tail "$WORK/server.log")"
  options+=(--socket="$SOCKET" --skip-networking --skip-log-bin --character-set-server=utf8mb4
    --innodb-buffer-pool-size=256M --innodb-flush-log-at-trx-commit=0)
  case $1 in
    mariadb) exec mariadbd "${options[@]}" ;;
    mysql) exec mysqld "${options[@]}" --mysqlx=OFF --secure-file-priv=NULL ;;
  esac >> "$WORK/server.log" 2>&1 &
  SERVER_PID=$!
  until [ -S "$SOCKET" ]; do
    kill -0 "$SERVER_PID" || fail 1 "The server for the check does not start: $(tail -n 3 "$WORK/server.log")"
    sleep 0.2
  done
}

# The binlog gives rights to users, whom a fresh server does not have. Nobody can sign in as these.
make_accounts() {
  local account
  while read -r account; do
    sql "CREATE USER IF NOT EXISTS $account ACCOUNT LOCK"
  done < "$1/accounts"
}

compare_counts() {
  local table statements=
  while read -r table _; do statements+="SELECT '$table', COUNT(*) FROM \`$table\`;"; done < "$1/counts"
  sql "$statements" "$DATABASE_NAME" > "$WORK/restored"
  diff "$1/counts" "$WORK/restored" > "$WORK/differences" ||
    fail 1 "The restored database differs (< rows when it was backed up, > restored): $(cat "$WORK/differences")"
}

# With the sealing key that is in the backup: without it, what was sealed would be lost.
verify_audit() {
  local release=$APP_PATH/current
  if [ ! -f "$release/src/commands/audit.ts" ]; then
    say "No release is there, so the audit log was not verified."
    return
  fi
  mkdir "$WORK/state"
  decrypt "$1/state.tar.zst.age" | tar --extract --directory "$WORK/state"
  (
    cd "$release"
    secret=$(cat "$WORK/state/credentials_KEYRING_SECRET" 2> /dev/null || true)
    [ -z "$secret" ] || export KEYRING_SECRET=$secret
    export NODE_ENV=production SEALING_KEY_FILE=$WORK/state/shared_sealing-key
    export DATABASE_URL="mysql://root@localhost/$DATABASE_NAME?socketPath=${SOCKET//\//%2F}"
    node src/commands/audit.ts verify
  ) || fail 1 "The audit log in the backup is not as it was written, or its sealing key is not in there."
}

finish() {
  local code=$?
  if [ -n "${SERVER_PID:-}" ]; then
    kill "$SERVER_PID" 2> /dev/null || true
    wait "$SERVER_PID" || true
  fi
  [ "$code" = 0 ] || alert "The restore of the newest backup failed (exit code $code): see journalctl -u $APP_NAME-restore-check."
  rm -rf "$WORK" "${SOCKET_FOLDER:-}"
}

main "$@"
