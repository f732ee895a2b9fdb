#!/usr/bin/env bash
# Puts an earlier release back into service: the one before, or the one that is named. The database
# stays as it is, since a release works with the tables of the next one (expand first, contract later).
#
#   rollback.sh [RELEASE]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$HERE/releases.sh"

main() {
  [ $# -le 1 ] || fail 2 "Give one release, or none for the one before."
  load_settings
  need_root
  need_provisioned
  take_lock
  choose "${1:-}"

  say "Going back to $ID …"
  rm -f "$RUNTIME"/drain-*
  switch_to "$ID"
  take_configuration
  restart_all || fail 1 "$ID does not get ready: journalctl --unit '$APP_NAME-*' tells why."
  point last-good "$ID"
  record "rolled back to"
  say "Rolled back to $ID."
}

choose() {
  local current id
  current=$(release_at current)
  ID=$1
  if [ -n "$ID" ]; then
    [[ $ID != */* && -d $RELEASES/$ID ]] || fail 2 "There is no release $ID; there are: $(releases | paste -sd' ')."
    return
  fi
  for id in $(releases); do
    [[ ! $id < $current || ! -f $RELEASES/$id/.good ]] || { ID=$id && return; }
  done
  fail 3 "There is no release before ${current:-any} that has served."
}

main "$@"
