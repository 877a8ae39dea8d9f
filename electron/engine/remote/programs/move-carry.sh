#!/bin/sh
# carry   xl's transport: what xl says goes to the target's receive program, what that answers comes back.
# It holds one thing back: the target's "ready" (everything has arrived; the guest stands still at both ends). Where disks of the
# guest were copied, the last of them goes now, and both ends are proven to be the same. Then, under the job's lock, it becomes the
# point of no return, unless somebody cancelled, or the config was edited since it was copied.
set -u
# Whether the transport still runs: its number alone may be somebody else's by now.
lives() {
  read -r pid start <stop && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the first is the state, the 20th the start time
  set -- ${stat##*) }
  [ "$1" != Z ] && [ "${20}" = "$start" ]
}
cd "${0%/*}" || exit 1
# Few processes: at the end of a move each one is time for which the guest stands still.
# One sync is enough: only that nothing goes on before "committed" is on the disk counts, and a config that is gone without it comes back.
commit() {
  exec 9>>lock
  flock 9
  [ ! -e cancel ] || return 1
  if [ -e where-config ] && IFS= read -r config <where-config; then
    cmp -s aside/config "$config" || { : >changed; echo "xenferry: $config was changed meanwhile"; return 1; }
    : >committed
    rm -f "$config"
    sync -- committed . "${config%/*}" 2>/dev/null || sync
  else
    : >committed
  fi
}
sh ./link xenferry-receive | {
  # the banner: "xl migration receiver ready, send binary domain data." and a newline; one byte at a time, not one too many
  dd bs=1 count=54 2>/dev/null
  echo moving >phase
  rm -f key # nobody comes in by it any more
  # "domain received, ready to unpause", without a newline
  dd bs=1 count=33 of=ready 2>/dev/null
  said=
  IFS= read -r said <ready
  if [ "$said" = "domain received, ready to unpause" ]; then
    proven=yes
    # nothing may keep the guest standing still for ever
    if [ -e disks.list ]; then
      timeout 900 sh ./disks last >&2
      how=$?
      [ "$how" != 124 ] || echo "disks failed pause 900" >&2
      [ "$how" = 0 ] || proven=
    fi
    # nobody would hear "ready", nor the permission to start: the guest goes on here
    if [ "$proven" ] && lives && commit >&2; then
      exec 9>&-
      printf %s "$said"
      exec cat
    fi
    exec 9>&-
    if lives; then kill "$pid"; fi
  fi
}
