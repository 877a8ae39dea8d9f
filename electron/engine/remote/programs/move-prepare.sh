#!/bin/sh
# move-prepare ID CONFIG AUTO ABOUT   on the source: a job folder with a one-shot key and copies of what will be set aside
#   CONFIG  the guest's config file, or ''       AUTO  the folder of autostart links       stdin  its "back" (move-back.sh)
# aside/ holds: config, its text, whatever it is; link, where CONFIG is itself a symbolic link; auto, the autostart link. All of it is on
# the disk before we answer: what stands in Xen's folders may be taken away after that.
# Answers: key TYPE BLOB · config MODE BASE64 · auto NAME<tab>TEXT (a link; TEXT is what it points to) · ok
set -u
umask 077
root=${XENFERRY_ROOT:-/var/lib/xenferry}
id=$1 config=$2 auto=$3
case $id in *[!A-Za-z0-9._-]* | '' | .*) echo "failed name"; exit 1 ;; esac
job=$root/jobs/$id
mkdir -p "$root/jobs" && mkdir "$job" "$job/aside" 2>/dev/null || { echo "failed exists"; exit 1; }
printf '%s\n' "$4" >"$job/about"
cat >"$job/back" || { rm -rf "$job"; echo "failed write back"; exit 1; }
ssh-keygen -q -t ed25519 -N '' -C "xenferry-$id" -f "$job/key" </dev/null || { rm -rf "$job"; echo "failed keygen"; exit 1; }
if [ -n "$config" ]; then
  [ -f "$config" ] || { rm -rf "$job"; echo "failed config"; exit 1; }
  printf '%s\n' "$config" >"$job/where-config"
  cp -p "$config" "$job/aside/config" || { rm -rf "$job"; echo "failed config"; exit 1; }
  if [ -L "$config" ]; then cp -pP "$config" "$job/aside/link" || { rm -rf "$job"; echo "failed config"; exit 1; }; fi
  real=$(readlink -f "$config")
  for link in "$auto"/*; do
    [ -L "$link" ] && [ "$(readlink -f "$link")" = "$real" ] && [ "$link" != "$config" ] || continue
    printf '%s\n' "$link" >"$job/where-auto"
    cp -pP "$link" "$job/aside/auto" || { rm -rf "$job"; echo "failed config"; exit 1; }
    printf 'auto %s\t%s\n' "${link##*/}" "$(readlink "$link")"
    break
  done
  # a link can't be synced by itself: the folder it stands in is
  sync -- "$job"/where-* "$job/back" "$job/aside/config" "$job/aside" "$job" "$root/jobs" "$root" 2>/dev/null || sync
  printf 'config %s ' "$(stat -L -c %a "$config")"
  base64 <"$job/aside/config" | tr -d '\n'
  echo
fi
read -r type blob _ <"$job/key.pub"
echo "key $type $blob"
echo ok
