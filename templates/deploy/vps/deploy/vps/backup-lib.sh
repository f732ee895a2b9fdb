# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153,SC2154
# What backup.sh, restore.sh and restore-check.sh share. Beside BACKUPS/last-good-restore there is
#
#   BACKUPS/<time>/            complete; while it is made it is called .making
#     about                    FORMAT, VENDOR, SERVER_ID, DATABASE, STARTED, DUMPED, and where in the
#                              binlog the dump and the counts were taken
#     counts, accounts         the rows of each table; whom rights on the database were given to
#     dump.sql.zst.age         ends with "-- Dump completed"
#     state.tar.zst.age        settings, credentials, the keyring and the sealing key
#     SHA256SUMS               of all these
#     binlogs/NAME.zst.age     what was written since, and their SHA256SUMS
#     binlogs/until            the time up to which they have everything
#
# open_work                    WORK, a folder of this run's own; SECRETS, what the backup may know
# find_tools OPTION…           CLIENT, DUMP, BINLOG and VENDOR for the server that OPTION… lead to
# sql STATEMENTS               their rows, tabs between, on that server
# about BACKUP KEY             a line of about
# resolve_backup NAME [TIME]   the folder of a backup; of "latest" the last one from before TIME
# verify_backup BACKUP         ends with 1 unless it is whole, decrypts, and its binlogs lack none
# load_dump BACKUP DATABASE    into an empty database of that server
# apply_binlogs BACKUP DATABASE LAST STOP…
#                              what was written after the dump, up to the end of the binlog LAST or STOP

umask 077
export TZ=UTC

open_work() {
  BACKUPS=$ROOT_PREFIX/var/lib/$APP_NAME-backup
  mkdir -p "$BACKUPS"
  # Of runs that were killed, longer ago than a unit may take: there are secrets in them.
  find "$BACKUPS/" -maxdepth 1 -name '.work-*' -mmin +1440 -exec rm -rf {} +
  WORK=$(mktemp -d "$BACKUPS/.work-XXXXXX")
  SECRETS=${CREDENTIALS_DIRECTORY:-}
  [ -n "$SECRETS" ] || gather_secrets
}

# By hand there are no credentials of systemd: the same files under the same names.
gather_secrets() {
  local folder file
  SECRETS=$WORK/secrets
  mkdir "$SECRETS"
  for folder in "$CONFIG/backup" "$CONFIG/credentials" "$SHARED"; do
    for file in "$folder"/*; do
      [ ! -f "$file" ] || cp "$file" "$SECRETS/${folder##*/}_${file##*/}"
    done
  done
  [ ! -f "$CONFIG/environment" ] || cp "$CONFIG/environment" "$SECRETS/environment"
}

find_tools() {
  SERVER=("$@")
  CLIENT=$(command -v mariadb || command -v mysql) || fail 3 "Neither mariadb nor mysql is installed."
  case $(sql 'SELECT VERSION()') in
    '') fail 3 "The database server does not answer." ;;
    *MariaDB*) VENDOR=mariadb DUMP=mariadb-dump BINLOG=mariadb-binlog ;;
    *) VENDOR=mysql DUMP=mysqldump BINLOG=mysqlbinlog CLIENT=mysql ;;
  esac
  local tool
  for tool in "$CLIENT" "$DUMP" "$BINLOG" age zstd; do
    [ -n "$(command -v "$tool")" ] || fail 3 "$tool is not installed."
  done
}

sql() { "$CLIENT" "${SERVER[@]}" --batch --skip-column-names --default-character-set=utf8mb4 --execute "$1" "${@:2}"; }

# Never sourced: whoever can write where backups lie would run commands here.
about() { sed -n "s/^$2=\([A-Za-z0-9_.:-]*\)\$/\1/p" "$1/about"; }

resolve_backup() {
  local folder found=
  if [ "$1" != latest ]; then
    folder=${1%/}
    [ -d "$folder" ] || folder=$BACKUPS/$folder
    [ -f "$folder/about" ] || fail 2 "There is no backup $1. Those here: $(cd "$BACKUPS" && echo 2*)"
    say "$folder"
    return
  fi
  for folder in "$BACKUPS"/2*/; do
    [ -f "$folder/about" ] || continue
    [ -n "${2:-}" ] && [[ ! $(about "$folder" DUMPED) < $2 ]] && continue
    found=${folder%/}
  done
  [ -n "$found" ] || fail 3 "There is no complete backup${2:+ from before $2} in $BACKUPS."
  say "$found"
}

decrypt() { age --decrypt --identity "${IDENTITY:-$SECRETS/backup_identity}" "$1" | zstd --decompress --quiet --stdout; }

verify_backup() {
  local backup=$1 name
  [ "$(about "$backup" FORMAT)" = 1 ] || fail 1 "$backup was not made by these scripts, or its about is damaged."
  for name in about counts accounts dump.sql.zst.age state.tar.zst.age; do
    grep -q " $name\$" "$backup/SHA256SUMS" || fail 1 "$backup is damaged: SHA256SUMS lacks $name."
  done
  (cd "$backup" && sha256sum --check --strict --quiet SHA256SUMS) || fail 1 "$backup is damaged: a checksum differs."
  # They become statements.
  if grep -qvE "^[A-Za-z0-9_]+"$'\t'"[0-9]+\$" "$backup/counts" || grep -qvE "^'[^'\\\\]+'@'[^'\\\\]+'\$" "$backup/accounts"; then
    fail 1 "$backup is damaged: its counts or accounts are none."
  fi
  [[ $(decrypt "$backup/dump.sql.zst.age" | tail -n 3) == *'-- Dump completed'* ]] ||
    fail 1 "$backup is damaged: its dump cannot be decrypted, or breaks off."
  decrypt "$backup/state.tar.zst.age" | tar --list > "$WORK/state-list" || fail 1 "$backup is damaged: its state cannot be opened."
  (cd "$backup/binlogs" && sha256sum --check --strict --quiet SHA256SUMS) || fail 1 "$backup is damaged: a binlog is missing, or its checksum differs."
  binlogs_of "$backup" > "$WORK/binlog-names"
  grep -qxF "$(about "$backup" COUNT_FILE)" "$WORK/binlog-names" || fail 1 "$backup is damaged: it lacks its last binlogs."
}

# Their names in order, from the one that the dump was taken in.
binlogs_of() {
  local next name
  next=$(about "$1" DUMP_FILE)
  while read -r _ name; do
    [ "${name%.zst.age}" = "$next" ] || fail 1 "$1 is damaged: the binlog $next is missing."
    say "$next"
    next=$(binlog_after "$next")
  done < "$1/binlogs/SHA256SUMS"
}

# mysql-bin.000009 comes before mysql-bin.000010, and 999999 before 1000000.
binlog_after() { printf '%s.%06d\n' "${1%.*}" $((10#${1##*.} + 1)); }

# Binary mode also keeps the client from doing what a forged dump might ask of it, such as \! of a shell.
load_dump() {
  sql "CREATE DATABASE IF NOT EXISTS \`$2\` CHARACTER SET utf8mb4"
  decrypt "$1/dump.sql.zst.age" | "$CLIENT" "${SERVER[@]}" --default-character-set=utf8mb4 --binary-mode "$2"
}

apply_binlogs() {
  local backup=$1 database=$2 last=$3 name source
  shift 3
  source=$(about "$backup" DATABASE)
  local options=(--start-position="$(about "$backup" DUMP_POSITION)" "$@") files=()
  [ "$database" = "$source" ] || options+=(--rewrite-db="$source->$database")
  # MariaDB's filter sees the name before it is rewritten, MySQL's the one after.
  case $VENDOR in
    mariadb) options+=(--database="$source") ;;
    mysql) options+=(--database="$database" --skip-gtids) ;;
  esac
  mkdir "$WORK/binlogs"
  while read -r name; do
    decrypt "$backup/binlogs/$name.zst.age" > "$WORK/binlogs/$name"
    files+=("$WORK/binlogs/$name")
    [ "$name" != "$last" ] || break
  done < "$WORK/binlog-names"
  "$BINLOG" --no-defaults "${options[@]}" "${files[@]}" | "$CLIENT" "${SERVER[@]}" --binary-mode
}

# A line in the journal at the priority of errors, and a POST where the file alert-url says so.
alert() {
  printf '<3>%s\n' "$1" >&2
  [ ! -s "$SECRETS/backup_alert-url" ] ||
    printf 'url = "%s"\n' "$(cat "$SECRETS/backup_alert-url")" |
    curl --silent --show-error --max-time 20 --output /dev/null --config - --data-raw "$APP_NAME: $1" || true
}
