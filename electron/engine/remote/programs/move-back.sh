#!/bin/sh
# back   in a move's folder on the source, read by whatever puts back what was set aside (move-job, move-stopped, move-aside, move-resume)
# putBack FOLDER WHAT   config or auto, whole or not at all: unless something stands there again; a config that was a link as the link it
# was, unless it leads nowhere. Sets path to where it stands; '' when there was none.
# goOn DOMID NAME       a domain that was saved, and stands paused for that, goes on under its own name
# settle PATH...        makes a change of a folder last through a loss of power
settle() { sync -- "$@" 2>/dev/null || sync; }
putBack() {
  path=
  [ -e "$1/where-$2" ] && IFS= read -r path <"$1/where-$2" || return 0
  if [ -e "$path" ] || [ -L "$path" ]; then return 0; fi
  # not in the job's folder, which may be on another file system
  beside=${path%/*}/.xenferry-${1##*/}
  rm -f "$beside"
  if ! { [ "$2" = config ] && [ -L "$1/aside/link" ] && cp -pP "$1/aside/link" "$beside" && [ -e "$beside" ]; }; then
    rm -f "$beside"
    cp -pP "$1/aside/$2" "$beside" || { rm -f "$beside"; return 1; }
    [ -L "$beside" ] || settle "$beside"
  fi
  mv "$beside" "$path" && settle "${path%/*}"
}
goOn() {
  [ "$(xenstore-read "/local/domain/$1/name" 2>/dev/null)" = "$2" ] || xl rename "$1" "$2" || return 1
  xl unpause "$1"
}
