#!/bin/sh
# unlock   takes the line of the one-shot key out of root's authorized_keys; every other byte stays. Lies in the folder of a move.
# Where there is no such line (the operator's agent), `receive` is told that nobody is expected any more.
set -u
cd "${0%/*}" || exit 1
id=${PWD##*/}
IFS= read -r keys <keysfile
case $keys in
  '') exit 0 ;;
  -) rm -f open; exit 0 ;;
esac
keys=$(readlink -f "$keys") || exit 0
exec 9>>../../locks/authorized_keys
flock 9
rm -f "$keys".xenferry-* # of whoever was killed while it wrote
grep -q " xenferry-$id\$" "$keys" 2>/dev/null || exit 0
new=$keys.xenferry-$id
cp -p "$keys" "$new" && sed "/ xenferry-$id\$/d" "$keys" >"$new" && { sync -- "$new" 2>/dev/null || sync; } && mv "$new" "$keys" || { rm -f "$new"; exit 1; }
if [ -e keys-made ] && [ ! -s "$keys" ]; then rm -f "$keys"; fi
