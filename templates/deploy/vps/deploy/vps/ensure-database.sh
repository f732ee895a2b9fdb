# shellcheck shell=bash
# The databases of provision.sh: MariaDB and Redis of the distribution, for this machine alone.

ensure_database() {
  put_file /etc/mysql/mariadb.conf.d/90-"$APP_NAME".cnf 644 << cnf && service_control restart mariadb.service
[mariadbd]
bind-address = 127.0.0.1
skip-name-resolve
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
innodb_buffer_pool_size = $(($(memory_mb) * 2 / 5))M
max_connections = $(max_connections)
# What was committed is on the disk, and in the binlog, by which a backup is brought to a second.
innodb_flush_log_at_trx_commit = 1
log_bin = /var/lib/mysql/binlog
binlog_format = ROW
sync_binlog = 1
expire_logs_days = 7
server_id = $(server_id)
cnf
  run_service mariadb.service
  [ "$(as_root "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '$DATABASE_NAME'")" = 1 ] && return
  as_root "CREATE DATABASE $DATABASE_NAME CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
  did "made the database $DATABASE_NAME"
}

# What `db:migrate` gives the app's user, table by table, is all that it has.
ensure_database_users() {
  user_with_url DATABASE_URL "$DATABASE_NAME" ""
  user_with_url MIGRATION_DATABASE_URL "${DATABASE_NAME}_owner" \
    "GRANT ALL PRIVILEGES ON $DATABASE_NAME.* TO '${DATABASE_NAME}_owner'@'127.0.0.1' WITH GRANT OPTION"
  backup_user
}

user_with_url() {
  local file=$CONFIG/credentials/$1 is_new=
  if [ ! -s "$file" ]; then
    put_file "$file" 600 <<< "mysql://$2:$(new_secret)@127.0.0.1:3306/$DATABASE_NAME"
    is_new=yes
  fi
  user "$2" 127.0.0.1 "$(sed 's|^mysql://[^:]*:\([^@]*\)@.*|\1|' "$file")" "$is_new" "$3"
}

# It reads everything, the binlog too, and changes nothing.
backup_user() {
  local name=${DATABASE_NAME}_backup file=$CONFIG/backup/client.cnf is_new=
  if [ ! -s "$file" ]; then
    put_file "$file" 600 << cnf
[client]
user=$name
password=$(new_secret)
socket=/run/mysqld/mysqld.sock
[mysql]
database=$DATABASE_NAME
cnf
    is_new=yes
  fi
  user "$name" localhost "$(sed -n 's/^password=//p' "$file")" "$is_new" \
    "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON $DATABASE_NAME.* TO '$name'@'localhost'; GRANT SELECT ON mysql.* TO '$name'@'localhost'; GRANT RELOAD, BINLOG MONITOR, REPLICATION SLAVE ON *.* TO '$name'@'localhost'"
}

# user NAME HOST PASSWORD IS_NEW_PASSWORD GRANTS
user() {
  local account="'$1'@'$2'" known
  known=$(as_root "SELECT COUNT(*) FROM mysql.user WHERE User = '$1'")
  [ "$known" = 0 ] || [ -n "$4" ] || return 0
  as_root "CREATE USER IF NOT EXISTS $account; ALTER USER $account IDENTIFIED BY '$3'; $5"
  did "made the database's user $1"
}

# Passwords go by standard input: arguments are seen by everybody.
as_root() { mariadb --batch --skip-column-names <<< "$1"; }

max_connections() { if [ "$(memory_mb)" -lt 2048 ]; then echo 100; else echo 200; fi; }

# Each web instance, the worker, and one more while one is replaced; 20 are for people and backups.
pool_size() { echo $((($(max_connections) - 20) / (INSTANCES + ${HAS_WORKER:+1} + 1))); }

# Of its own: a backup knows by it whether the binlog goes on where it has ended.
server_id() {
  local known
  known=$(sed -n 's/^server_id = //p' /etc/mysql/mariadb.conf.d/90-"$APP_NAME".cnf 2> /dev/null || true)
  echo "${known:-$((1 + $(od -An -N3 -tu4 /dev/urandom)))}"
}

ensure_redis() {
  local file=$CONFIG/credentials/REDIS_URL include="include /etc/redis/$APP_NAME.conf"
  [ -s "$file" ] || put_file "$file" 600 <<< "redis://:$(new_secret)@127.0.0.1:6379"
  local restart=
  # Jobs are no cache: none may be dropped for want of room, or lost by a restart.
  put_file /etc/redis/"$APP_NAME".conf 640 redis:redis << conf && restart=yes
bind 127.0.0.1
requirepass $(sed 's|^redis://:\([^@]*\)@.*|\1|' "$file")
appendonly yes
maxmemory $(($(memory_mb) / 8))mb
maxmemory-policy noeviction
conf
  if ! grep -qxF "$include" /etc/redis/redis.conf; then
    printf '%s\n' "$include" >> /etc/redis/redis.conf
    did "included it in redis.conf"
    restart=yes
  fi
  [ -z "$restart" ] || service_control restart redis-server.service
  run_service redis-server.service
}
