#!/usr/bin/env bash
# Runs one of the app's own commands (src/commands) on the server, as its user and with its settings:
#
#   run.sh keys rotate --instances web-1,web-2
#   run.sh audit verify
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

load_settings
need_root
[[ ${1:-} =~ ^[a-z-]+$ && -f $APP_PATH/current/src/commands/$1.ts ]] || fail 2 "Name one of the commands in src/commands, such as: run.sh keys status"
command=$1
shift
as_app "$APP_PATH/current" node "src/commands/$command.ts" "$@"
