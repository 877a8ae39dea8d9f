#!/bin/sh
# move-resume ID UUID NAME [anew]   at the source, when the target is known not to run the guest and our copy stands suspended:
# goes on where it stood (`xl resume`, Xen 4.20 and newer; one that a move had saved, and kept paused, is unpaused), else starts it from
# its config as after a loss of power. "anew": only that, as it may have run at the target and written to its disks.
# Answers: resumed | restarted, then ok; or failed …
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
job=$root/jobs/$1 uuid=$2 name=$3
[ -d "$job" ] || { echo "failed gone"; exit 1; }
# shellcheck source=electron/engine/remote/programs/move-back.sh
. "$job/back"
lock=$root/locks/$uuid
exec 9>>"$lock"
# a lock that its last holder took away in this moment is none: it must be the file that stands there
# shellcheck disable=SC3013 # dash and busybox know -ef
if ! flock -n 9 || ! [ "$lock" -ef "/proc/$$/fd/9" ]; then echo "failed busy"; exit 1; fi
trap 'rm -f "$lock"' EXIT
domid=
for one in $(xenstore-list /local/domain 2>/dev/null); do
  [ "$(xenstore-read "/local/domain/$one/vm" 2>/dev/null)" = "/vm/$uuid" ] || continue
  [ -z "$domid" ] || { echo "failed twice"; exit 1; }
  domid=$one
done
[ -n "$domid" ] || { echo "failed gone"; exit 1; }
state=$(xl list "$domid" 2>/dev/null | awk 'END { print $(NF - 1) }')
saved=
case $state in
  ????s*) ;;
  ??p*) if [ -e "$job/saving" ]; then saved=yes; else echo "failed running"; exit 1; fi ;;
  *) echo "failed running"; exit 1 ;;
esac
for what in config auto; do
  putBack "$job" "$what" || { echo "failed write $path"; exit 1; }
  [ "$what" = auto ] || config=$path
done
if [ "$saved" ] && [ "${4-}" != anew ]; then
  if goOn "$domid" "$name" 9>&-; then
    echo resumed
    echo ok
    exit 0
  fi
elif [ "${4-}" != anew ] && xl help 2>/dev/null 9>&- | grep -q '^ *resume '; then
  [ "$(xenstore-read "/local/domain/$domid/name")" = "$name" ] || xl rename "$domid" "$name" 9>&-
  if xl resume "$domid" 9>&-; then
    case $state in ??p*) xl unpause "$domid" 9>&- ;; esac
    echo resumed
    echo ok
    exit 0
  fi
fi
[ -n "$config" ] || { echo "failed config"; exit 1; }
xl destroy "$domid" 9>&- && xl create "$config" >&2 9>&- </dev/null || { echo "failed create"; exit 1; }
echo restarted
echo ok
