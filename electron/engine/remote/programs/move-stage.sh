#!/bin/sh
# move-stage ID KEYSFILE FROM CONFIG MODE AUTO TEXT UUID [WAIT]   on the target: makes ready what the move will need here
#   KEYSFILE  root's authorized_keys, or '' for a move without a transfer, or - where the operator's agent lets the source in
#   FROM      addresses the source may come from, commas between
#   CONFIG    where the config will stand, or ''; MODE its mode              AUTO TEXT  the autostart link and what it points to, or ''
#   UUID      the guest's, or ''
#   WAIT      the move waits: nobody is let in before so many seconds have gone (move-door)
# stdin: "file NAME BASE64" a line (receive, install, admit, unlock, config; where disks come too: disks, disks-in, undo; for images
# that both hosts see: lease, lease.of; where it waits: door, knock, name, needs, volumes), "key TYPE BLOB"
# Answers ok (with -: at FOLDER, then ok), or: failed taken FILE (something else stands there) | failed exists | failed input
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
id=$1 keys=$2 from=$3 config=$4 mode=$5 auto=$6 text=$7 guest=$8 wait=${9:-}
case $id in *[!A-Za-z0-9._-]* | '' | .*) echo "failed name"; exit 1 ;; esac
in=$root/incoming/$id
mkdir -p "$root/incoming" "$root/locks" && mkdir "$in" 2>/dev/null || { echo "failed exists"; exit 1; }
key=
while IFS=' ' read -r word first second; do
  case $word in
    file)
      case $first in */* | .* | '') echo "failed input"; rm -rf "$in"; exit 1 ;; esac
      printf '%s' "$second" | base64 -d >"$in/$first" || { echo "failed write"; rm -rf "$in"; exit 1; }
      ;;
    key) key="$first $second" ;;
    *) echo "failed input"; rm -rf "$in"; exit 1 ;;
  esac
done
# the last line of all: without it the rest was cut off with the link
[ -n "$key" ] || { echo "failed input"; rm -rf "$in"; exit 1; }
cat /proc/sys/kernel/random/boot_id >"$in/boot"
printf '%s\n' "$keys" >"$in/keysfile"
printf '%s\n' "$guest" >"$in/guest"
if [ -n "$config" ]; then
  if [ -e "$config" ] && ! cmp -s "$config" "$in/config"; then rm -rf "$in"; echo "failed taken $config"; exit 1; fi
  printf '%s\n' "$config" >"$in/where-config"
  printf '%s\n' "$mode" >"$in/mode"
fi
if [ -n "$auto" ]; then
  printf '%s\n' "$auto" >"$in/where-auto"
  printf '%s\n' "$text" >"$in/auto"
fi
# the source lets go of what is here by then
sync -- "$in"/* "$in" "$root/incoming" "$root" 2>/dev/null || sync
if [ -n "$keys" ]; then
  printf '%s\n' "$from" >"$in/from"
  printf '%s\n' "$key" >"$in/key"
  first=
  [ ! -e "$in/disks" ] || first='disks'
  if [ -n "$wait" ]; then
    if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
      systemd-run --quiet --collect --unit="xenferry-door-$id" sh "$in/door" "$wait" </dev/null >/dev/null 2>&1
    else
      setsid sh "$in/door" "$wait" </dev/null >/dev/null 2>&1 &
    fi
    tries=0
    while [ ! -e "$in/pid.door" ]; do
      tries=$((tries + 1))
      [ $tries -le 100 ] || { rm -rf "$in"; echo "failed door"; exit 1; }
      sleep 0.1 2>/dev/null || sleep 1
    done
  else
    said=$(sh "$in/admit" $first) || { rm -rf "$in"; echo "${said:-failed keys}"; exit 1; }
  fi
fi
[ "$keys" != - ] || echo "at $in"
echo ok
