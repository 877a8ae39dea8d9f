#!/bin/sh
# move-install ID   on the target: puts the staged config and autostart link in their places. Never over something else; may be repeated.
# Answers ok, or: failed taken FILE | failed gone | failed write FILE
set -u
umask 022
root=${XENFERRY_ROOT:-/var/lib/xenferry}
in=$root/incoming/$1
[ -d "$in" ] || { echo "failed gone"; exit 1; }
if [ -e "$in/where-config" ]; then
  IFS= read -r config <"$in/where-config"
  read -r mode <"$in/mode"
  [ -s "$in/config" ] || { echo "failed write $config"; exit 1; } # lost with the power
  if [ ! -e "$config" ]; then
    beside=${config%/*}/.xenferry-$1
    mkdir -p "${config%/*}"
    # a link is made only where nothing stands: no check that could be too late
    if ! { cp "$in/config" "$beside" && chmod "$mode" "$beside" && { sync -- "$beside" 2>/dev/null || sync; } && ln "$beside" "$config"; }; then
      rm -f "$beside"
      echo "failed write $config"
      exit 1
    fi
    rm -f "$beside"
    sync -- "${config%/*}" 2>/dev/null || sync
  elif ! cmp -s "$config" "$in/config"; then
    echo "failed taken $config"
    exit 1
  fi
fi
if [ -e "$in/where-auto" ]; then
  IFS= read -r auto <"$in/where-auto"
  IFS= read -r text <"$in/auto"
  mkdir -p "${auto%/*}"
  if [ ! -e "$auto" ] && [ ! -L "$auto" ]; then ln -s "$text" "$auto" || { echo "failed write $auto"; exit 1; }; fi
  sync -- "${auto%/*}" 2>/dev/null || sync
fi
# whoever finds this after a loss of power finds the config too, and knows that the guest ran here
: >"$in/installed"
sync -- "$in/installed" "$in" 2>/dev/null || sync
echo ok
