#!/usr/bin/env bash
# Shows what is in service, and whether it is well; ends with 1 where something is not.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$HERE/releases.sh"

main() {
  load_settings
  need_provisioned
  local code=0 instance=0 port
  say "release    $(release_at current)"
  [ "$(release_at current)" = "$(release_at last-good)" ] || say "           a deployment was not finished: run deploy.sh again"
  for port in $PORTS ${HAS_WORKER:+$WORKER_PORT}; do
    instance=$((instance + 1))
    local unit=$APP_NAME-web@$instance.service
    [ "$instance" -le "$INSTANCES" ] || unit=$APP_NAME-worker.service
    if wait_ready "$port" 0; then say "ready      $unit"; else say "NOT READY  $unit" && code=1; fi
    [ ! -e "$RUNTIME/drain-$instance" ] || say "           gets no requests: a deployment is at work, or was killed"
  done
  say "disk       $(df --output=pcent "$APP_PATH" | tail -1 | tr -d ' ') full"
  [ ! -f "$APP_PATH/deployments.log" ] || tail -5 "$APP_PATH/deployments.log"
  return "$code"
}

main "$@"
