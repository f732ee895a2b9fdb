# shellcheck shell=bash disable=SC2034
# What deploy.sh and rollback.sh share; after lib.sh.
#
# $APP_PATH/releases/<time>-<revision>   whole releases; .good in those that have served
# $APP_PATH/current, last-good, next     the one in service, the last that got ready, the one to come

need_provisioned() {
  RELEASES=$APP_PATH/releases
  [[ -f $CONFIG/environment && -d $CONFIG/credentials && -x $NODE_HOME/bin/node && -d $SHARED ]] ||
    fail 3 "This machine is not ready for $APP_NAME: run provision.sh first."
}

# The newest first.
releases() { find "$RELEASES" -mindepth 1 -maxdepth 1 -type d ! -name '*.partial' -printf '%f\n' | sort --reverse; }

# What a link names; nothing where it names nothing that is there.
release_at() {
  local target
  target=$(readlink "$APP_PATH/$1") || return 0
  [ ! -d "$APP_PATH/$target" ] || say "${target##*/}"
}

# A rename, so that the link is never missing.
point() {
  ln -sfn "releases/$2" "$APP_PATH/$1.new"
  mv -T "$APP_PATH/$1.new" "$APP_PATH/$1"
}

switch_to() { point current "$1"; }

# The units, the site and the settings that came with the release $ID.
take_configuration() {
  HERE=$RELEASES/$ID/deploy/vps
  load_settings
  [ -x "$NODE_HOME/bin/node" ] || fail 3 "Node.js $NODE_VERSION is not on this machine: run provision.sh of this release first."
  "$HERE/site.sh" 9>&-
  install_units "$HERE/systemd"
  service_control enable "$APP_NAME.target"
}

restart_all() {
  local units
  mapfile -t units < <(web_units)
  [ -z "$HAS_WORKER" ] || units+=("$APP_NAME-worker.service")
  restart_units "${units[@]}" || return
  # Where the release before had more instances.
  local instance=$((INSTANCES + 1))
  while service_control is-active --quiet "$APP_NAME-web@$instance.service"; do
    service_control stop "$APP_NAME-web@$instance.service"
    instance=$((instance + 1))
  done
}

# One after the other; RESTARTED are those that were begun. The one at work is out of nginx's sight,
# and stays so where it does not get ready.
restart_units() {
  local unit instance port
  RESTARTED=()
  for unit in "$@"; do
    RESTARTED+=("$unit")
    say "  $unit"
    instance=$(sed -n 's/.*-web@\([0-9]*\)\.service$/\1/p' <<< "$unit")
    port=$WORKER_PORT
    [ -z "$instance" ] || port=$(cut -d' ' -f"$instance" <<< "$PORTS")
    [ -z "$instance" ] || touch "$RUNTIME/drain-$instance"
    service_control restart "$unit" || return 1
    wait_ready "$port" "$HEALTH_SECONDS" "$unit" || return 1
    [ -z "$instance" ] || rm "$RUNTIME/drain-$instance"
  done
}

# record WHAT: a line in the log of deployments.
record() { say "$(date --utc +%Y-%m-%dT%H:%M:%SZ) ${ID:--} $1 ${SUDO_USER:-$(id -un)}" >> "$APP_PATH/deployments.log"; }
