# shellcheck shell=bash disable=SC2034
# What the scripts of this folder share. A script begins with
#
#   set -euo pipefail
#   . "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
#   load_settings
#
# say MESSAGE…               a line for whoever watches
# fail CODE MESSAGE…         a sentence on standard error, and the end: 1 unexpected, 2 bad input,
#                            3 not possible as things are, 4 conflicts
# load_settings              settings.env, and the folders and files below; all begin with ROOT_PREFIX
# need_root                  ends with 3 unless root, or in a scratch root
# need_domain                ends with 2 while settings.env has the placeholder
# take_lock                  one at a time: ends with 3 while another script has it; held until the end
# service_control VERB UNIT… systemctl, or the program that SERVICE_CONTROL names
# web_units                  the names of the web's units, a line each
# install_changed FILE PLACE [MODE]
#                            copies where the content differs (0 where it did, 1 where it did not)
# install_units FOLDER       FOLDER's units become <name>-<unit>, app.target <name>.target; each process
#                            gets its ports
# as_app FOLDER COMMAND…     as the app's user, in FOLDER, with its settings and secrets in the environment
# wait_ready PORT SECONDS [UNIT]
#                            until /readyz answers 200 on PORT; 1 when it did not in time, or UNIT has ended
#
# ROOT_PREFIX is put before every absolute path: nothing on a server, a scratch root in tests.

ROOT_PREFIX=${ROOT_PREFIX:-}
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*"; }

fail() {
  local code=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$code"
}

load_settings() {
  # shellcheck source=/dev/null
  . "$HERE/settings.env"
  APP_PATH=$ROOT_PREFIX$APP_PATH            # releases/, current, shared/
  SHARED=$APP_PATH/shared                   # what outlives releases: the keyring, the sealing key
  CONFIG=$ROOT_PREFIX/etc/$APP_NAME         # environment: NAME="value"; credentials/NAME: root's, 0600
  NODE_HOME=$ROOT_PREFIX$NODE_HOME          # bin/node, bin/npm
  UNITS=$ROOT_PREFIX/etc/systemd/system
  NGINX=$ROOT_PREFIX/etc/nginx
  RUNTIME=$ROOT_PREFIX/run/$APP_NAME        # gone after a restart of the machine
  PATH=$NODE_HOME/bin:$PATH
}

need_root() {
  [ -n "$ROOT_PREFIX" ] || [ "$(id -u)" = 0 ] || fail 3 "This changes the machine: run it as root, or with sudo."
}

need_domain() {
  case $DOMAIN in
    *.invalid) fail 2 "The domain is still the placeholder $DOMAIN: run 'npx -p create-shipkit shipkit deploy-config --target vps --domain app.example.com' with your own, and commit what it changes." ;;
  esac
}

take_lock() {
  # nginx looks into it, whatever the umask is.
  install -d -m 755 "$RUNTIME"
  exec 9> "$RUNTIME/lock"
  flock --nonblock 9 || fail 3 "Another deployment, rollback or restore is at work: wait for its end."
}

# Children must not inherit the lock: what systemctl or a supervisor starts would hold it.
service_control() { "${SERVICE_CONTROL:-systemctl}" "$@" 9>&-; }

web_units() {
  local instance
  for ((instance = 1; instance <= INSTANCES; instance += 1)); do
    say "$APP_NAME-web@$instance.service"
  done
}

install_changed() {
  cmp --silent "$1" "$2" && return 1
  install -D -m "${3:-644}" "$1" "$2.new"
  mv -T "$2.new" "$2"
}

install_units() {
  local unit name
  for unit in "$1"/*; do
    name=$APP_NAME-${unit##*/}
    [ "${unit##*/}" = app.target ] && name=$APP_NAME.target
    install_changed "$unit" "$UNITS/$name" || true
  done
  local instance=0 port
  for port in $PORTS; do
    instance=$((instance + 1))
    install_setting "web@$instance" "PORT=$port${METRICS_PORT:+ METRICS_PORT=$((METRICS_PORT + instance))}"
  done
  [ -z "$HAS_WORKER" ] || install_setting worker "WORKER_PORT=$WORKER_PORT${METRICS_PORT:+ METRICS_PORT=$METRICS_PORT}"
  # Always: who was killed may have installed them and not come so far.
  service_control daemon-reload
}

install_setting() {
  local place=$UNITS/$APP_NAME-$1.service.d/port.conf text
  text="[Service]"$'\n'"Environment=$2"
  [ ! -f "$place" ] || [ "$(cat "$place")" != "$text" ] || return 0
  mkdir -p "${place%/*}"
  say "$text" > "$place"
}

as_app() (
  cd "$1" || exit
  shift
  while IFS='=' read -r name value || [ -n "$name" ]; do
    value=${value#\"}
    [[ ! $name =~ ^[A-Z] ]] || export "$name=${value%\"}"
  done < "$CONFIG/environment"
  for file in "$CONFIG"/credentials/*; do
    case ${file##*/} in
      MIGRATION_*) ;;
      *) export "${file##*/}=$(cat "$file")" ;;
    esac
  done
  set -- env NODE_ENV=production "APP_ORIGIN=https://$DOMAIN" "$@"
  [ -n "$ROOT_PREFIX" ] || set -- setpriv --reuid="$APP_USER" --regid="$APP_USER" --init-groups --inh-caps=-all -- "$@"
  exec "$@" 9>&-
)

wait_ready() {
  local end=$((SECONDS + $2))
  until curl --silent --fail --max-time 2 --output /dev/null "http://127.0.0.1:$1/readyz"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    [ -z "${3:-}" ] || service_control is-active --quiet "$3" || return 1
    sleep 0.2
  done
}
