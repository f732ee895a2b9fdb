#!/usr/bin/env bash
# Puts a release into service without losing a request; on the server, as root. Killed anywhere, it is
# run again; README.md has the checklist.
#
#   deploy.sh                                            the commit that is checked out here
#   deploy.sh --artefact FILE|https://… --sha256 SUM [--revision NAME]
#                                                        what `git archive --format=tar.gz` made elsewhere
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$HERE/releases.sh"

main() {
  read_arguments "$@"
  load_settings
  need_root
  need_domain
  need_provisioned
  take_lock
  trap report_failure EXIT

  step "Tidying"; tidy
  step "Fetching the release"; fetch
  step "Installing packages"; install_packages
  step "Completing $ID"; complete
  step "Preparing units and nginx"; take_configuration
  step "Migrating the database"; migrate
  step "Making keys where there are none"; make_keys
  step "Switching to $ID"; switch_to "$ID"
  step "Restarting, instance by instance"; restart_or_switch_back
  step "Removing old releases"; prune
  record deployed
  say "Deployed $ID."
}

step() {
  STEP=$1
  say "$1 …"
}

report_failure() {
  local code=$?
  [ "$code" = 0 ] || record "failed: $STEP"
}

read_arguments() {
  ARTEFACT='' SHA256='' REVISION=''
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail 2 "$1 takes a value, or is none of --artefact, --sha256 and --revision."
    case $1 in
      --artefact) ARTEFACT=$2 ;;
      --sha256) SHA256=$2 ;;
      --revision) REVISION=$2 ;;
      *) fail 2 "There is no option $1: use --artefact, --sha256 and --revision, or none." ;;
    esac
    shift 2
  done
  [ -z "$ARTEFACT" ] || [[ $SHA256 =~ ^[0-9a-f]{64}$ ]] || fail 2 "An artefact needs its checksum: --sha256 with 64 hexadecimal digits."
  [[ $REVISION =~ ^[A-Za-z0-9._]{0,40}$ ]] || fail 2 "A revision is up to 40 letters, digits, dots and underscores."
}

# What a deployment that was killed has left. Its instances may be out of nginx's sight still.
tidy() {
  rm -rf "$RELEASES"/*.partial "$APP_PATH/next"
  rm -f "$RUNTIME"/drain-*
  mkdir -p "$RELEASES"
}

fetch() {
  local archive=$RELEASES/artefact.partial project
  project=$(cd "$HERE/../.." && pwd)
  case $ARTEFACT in
    '')
      git() { command git -C "$project" -c safe.directory="$project" "$@"; }
      [ -n "$REVISION" ] || REVISION=$(git rev-parse --short=12 HEAD) || fail 3 "There is no commit in $project to deploy: commit first, or give --artefact."
      [ -z "$(git status --porcelain)" ] || say "What is not committed is left out."
      git archive --format=tar.gz --output="$archive" HEAD
      ;;
    https://*) curl --silent --show-error --fail --location --proto '=https' --retry 3 --output "$archive" "$ARTEFACT" || fail 3 "The artefact cannot be fetched from $ARTEFACT." ;;
    *) cp "$ARTEFACT" "$archive" || fail 3 "The artefact $ARTEFACT cannot be read." ;;
  esac
  if [ -n "$ARTEFACT" ]; then
    sha256sum --check --status <<< "$SHA256  $archive" || fail 3 "The artefact is not the one that was meant: its SHA-256 is $(sha256sum "$archive" | cut -d' ' -f1)."
  fi

  # In the second of one that was killed, the next second is waited for.
  while
    ID=$(date --utc +%Y%m%dT%H%M%S)-${REVISION:-${SHA256:0:12}}
    [ -e "$RELEASES/$ID" ]
  do sleep 0.1; done
  PARTIAL=$RELEASES/$ID.partial
  mkdir "$PARTIAL"
  tar --extract --gzip --no-same-owner --file "$archive" --directory "$PARTIAL"
  [ -f "$PARTIAL/deploy/vps/settings.env" ] || fail 3 "The artefact is not this project: it has no deploy/vps/settings.env."
  rm "$archive"
}

# An artefact may bring its packages along.
install_packages() (
  [ ! -d "$PARTIAL/node_modules" ] || exit 0
  cd "$PARTIAL"
  case $PACKAGE_MANAGER in
    pnpm) npx --yes pnpm@10 install --prod --frozen-lockfile --ignore-scripts ;;
    *) npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error ;;
  esac
) 9>&-

# Only what is whole has its name.
complete() {
  ln -s ../../shared "$PARTIAL/secrets"
  chmod -R u=rwX,go=rX "$PARTIAL"
  sync -f "$PARTIAL"
  mv -T "$PARTIAL" "$RELEASES/$ID"
  point next "$ID"
}

# The unit of the migrations works in `next`, as the service will in `current`.
migrate() {
  service_control start "$APP_NAME-migrate.service" && return
  local before
  before=$(release_at current)
  [ -z "$before" ] || ID=$before take_configuration
  fail 1 "The migrations failed, and the release before goes on: journalctl --unit $APP_NAME-migrate tells why."
}

make_keys() { as_app "$RELEASES/$ID" node src/commands/keys.ts init; }

restart_or_switch_back() {
  if restart_all; then
    point last-good "$ID"
    touch "$RELEASES/$ID/.good"
    return
  fi
  local before
  before=$(release_at last-good)
  [ -n "$before" ] || fail 1 "The release does not get ready, and there is none before it to switch back to: journalctl --unit '$APP_NAME-*' tells why."
  say "The release does not get ready: switching back to $before …"
  switch_to "$before"
  rm -f "$APP_PATH/next"
  ID=$before take_configuration
  restart_units "${RESTARTED[@]}" || fail 1 "Neither does $before: journalctl --unit '$APP_NAME-*' tells why."
  fail 1 "Switched back to $before. journalctl --unit '$APP_NAME-*' tells why $ID did not get ready."
}

prune() {
  local id kept=0
  for id in $(releases); do
    case $id in "$(release_at current)" | "$(release_at last-good)") kept=$((kept + 1)) && continue ;; esac
    # One that never served is nothing to go back to.
    [ -f "$RELEASES/$id/.good" ] && [ "$kept" -lt "$KEEP_RELEASES" ] && kept=$((kept + 1)) && continue
    rm -rf "${RELEASES:?}/$id"
  done
  rm -f "$APP_PATH/next"
}

main "$@"
