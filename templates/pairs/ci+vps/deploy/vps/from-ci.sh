#!/usr/bin/env bash
# All that the key of continuous integration may do: the forced command of its line in root's
# authorized_keys, as README.md has it.
#
#   deploy SHA256 COMMIT   the artefact on standard input
#   rollback [RELEASE]
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Bytes; more than any project has, less than fills a disk.
LIMIT=500000000

main() {
  local order=${SSH_ORIGINAL_COMMAND:-}
  if [[ $order =~ ^deploy\ ([0-9a-f]{64})\ ([0-9a-f]{12})[0-9a-f]{28}$ ]]; then
    ARTEFACT=$(mktemp)
    trap 'rm -f "$ARTEFACT"' EXIT
    head --bytes="$LIMIT" > "$ARTEFACT"
    "$HERE/deploy.sh" --artefact "$ARTEFACT" --sha256 "${BASH_REMATCH[1]}" --revision "${BASH_REMATCH[2]}"
  elif [[ $order =~ ^rollback\ ?([A-Za-z0-9][A-Za-z0-9._-]*)?$ ]]; then
    "$HERE/rollback.sh" ${BASH_REMATCH[1]:+"${BASH_REMATCH[1]}"}
  else
    fail 2 "This key deploys and rolls back, and nothing else."
  fi
}

main "$@"
