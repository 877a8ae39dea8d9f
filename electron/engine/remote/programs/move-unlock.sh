#!/bin/sh
# unlock   takes the line of the one-shot key out of root's authorized_keys; every other byte stays. Lies in the folder of a move.
set -u
cd "$(dirname "$0")" || exit 1
id=${PWD##*/}
IFS= read -r keys <keysfile
[ -n "$keys" ] || exit 0
keys=$(readlink -f "$keys") || exit 0
exec 9>>../../locks/authorized_keys
flock 9
grep -q " xenferry-$id\$" "$keys" 2>/dev/null || exit 0
cp -p "$keys" "$keys.xenferry-$id" && sed "/ xenferry-$id\$/d" "$keys" >"$keys.xenferry-$id" && mv "$keys.xenferry-$id" "$keys"
if [ -e keys-made ] && [ ! -s "$keys" ]; then rm -f "$keys"; fi
