#!/bin/sh
# admit [disks|knock]   puts the line of the one-shot key into root's authorized_keys: it allows one thing, our receive program (with
# disks: for those; with knock: move-knock instead), from the source, for ten minutes. Lies in the folder of a move; `unlock` takes the
# line out again.
# Where KEYSFILE is "-" the source comes in by the operator's agent: no line is written; `open` tells `receive` what may come, until when.
set -u
umask 077
cd "${0%/*}" || exit 1
id=${PWD##*/}
IFS= read -r keys <keysfile
if [ "$keys" = - ]; then
  read -r boot </proc/sys/kernel/random/boot_id
  read -r now _ </proc/uptime
  echo "${1:-memory} $((${now%.*} + 600)) $boot" >open.new && mv open.new open || { echo "failed open"; exit 1; }
  exit 0
fi
IFS= read -r from <from
IFS= read -r key <key
keys=$(readlink -f "$keys" || echo "$keys")
expiry=$(date -d "@$(($(date +%s) + 600))" +%Y%m%d%H%M%S) || { echo "failed date"; exit 1; }
what=receive${1:+ $1}
[ "$what" != 'receive knock' ] || what=knock
line="restrict,from=\"$from\",expiry-time=\"$expiry\",command=\"sh $PWD/$what\" $key xenferry-$id"
exec 9>>../../locks/authorized_keys
flock 9
[ -d "${keys%/*}" ] || mkdir -p "${keys%/*}"
rm -f "$keys".xenferry-* # of whoever was killed while it wrote
new=$keys.xenferry-$id
# ours is put in front, so that not a byte of the others changes, whatever the file ends with
if [ -e "$keys" ]; then
  cp -p "$keys" "$new" && { printf '%s\n' "$line"; cat "$keys"; } >"$new"
else
  : >keys-made
  printf '%s\n' "$line" >"$new"
fi && { sync -- "$new" 2>/dev/null || sync; } && mv "$new" "$keys" || { rm -f "$new"; echo "failed keys"; exit 1; }
