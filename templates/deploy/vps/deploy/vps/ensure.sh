# shellcheck shell=bash disable=SC2034
# What provision.sh is made of; after lib.sh.
#
# step NAME FUNCTION           runs it, and says "unchanged" or what it did
# did WHAT                     of FUNCTION: something was changed
# missing WHAT                 what only the owner knows, told at the end
# put_file PLACE MODE [OWNER]  standard input becomes the file; ends with 1 where it was so already
# make_folder PLACE MODE OWNER
# new_secret                   64 random hexadecimal digits
# run_service UNIT             enabled and started
# memory_mb                    of the machine, in steps of 64

MISSING=()

step() {
  STEP=$1
  DID=()
  "$2"
  if [ "${#DID[@]}" = 0 ]; then
    say "unchanged  $1"
  else
    say "changed    $1: $(printf '%s; ' "${DID[@]}" | sed 's/; $//')"
    CHANGED=yes
  fi
}

did() { DID+=("$*"); }

missing() { MISSING+=("$*"); }

put_file() {
  local content new owner=${3:-root:root}
  content=$(cat && echo .)
  if printf %s "${content%.}" | cmp --silent - "$1" && [ "$(stat -c '%a %U:%G' "$1")" = "$2 $owner" ]; then return 1; fi
  mkdir -p "$(dirname "$1")"
  new=$(umask 077 && mktemp "$1.XXXXXX")
  printf %s "${content%.}" > "$new"
  chmod "$2" "$new"
  chown "$owner" "$new"
  mv -T "$new" "$1"
  did "wrote $1"
}

make_folder() {
  if [ -d "$1" ] && [ "$(stat -c '%a %U:%G' "$1")" = "$2 $3:$3" ]; then return; fi
  install -d -m "$2" -o "$3" -g "$3" "$1"
  did "made $1"
}

new_secret() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }

run_service() {
  service_control is-enabled --quiet "$1" && service_control is-active --quiet "$1" && return
  service_control enable --now "$1"
  did "started $1"
}

# Another kernel leaves a little more or less of it, which is no reason to restart a database.
memory_mb() { awk '/^MemTotal/ { print int($2 / 65536) * 64 }' /proc/meminfo; }
