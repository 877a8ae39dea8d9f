#!/bin/sh
# config VERB ARG…    a guest's config file, its autostart link, and the host's trash
#
#   read FILE                        block `begin base64` |LINE… `end base64`, then `sum SHA256`
#   write FILE SHA256|new SUM LOCK [NAME]
#                                    the text on stdin, if its own sum is SUM (a lost link looks like its end), replaces FILE if that
#                                    still has that sum (`new`: if there is none): `sum SHA256`. NAME: only while no domain has that name
#   autostart FILE on|off AUTO LOCK  a link to FILE in the folder AUTO
#   trash ID LOCK UUID NAME FILE AUTO [DISK…]
#                                    FILE, its links and the disks go to trash/ID; UUID may be empty: then a domain is known by NAME
#   shelve ID LOCK NAME TEXT FILE WHERE [VDEV=]DISK…
#                                    the guest has moved to host WHERE: its disks and a copy of its config (TEXT; it stood in FILE, or '')
#                                    go to trash/ID. For the job of the move, which holds the lock. WHERE '': nobody moved
#   setaside ID DISK…                disks that stayed under their names when trash/ID was made (`kept` in its manifest) go there
#   trashlist                        block per entry: `begin entry ID`, |WORD tab TEXT of its manifest, `end entry`
#   putback ID                       everything of trash/ID goes back to where it was
#   letgo ID                         everything of trash/ID goes for good; may be repeated
# Who uses a disk, and what stayed of an entry, tells config-disks.sh, which stands before this.
# Ends with `ok`, or `failed WORD tab TEXT`: changed, missing, exists, link, inuse, write, cut, disk, gone, name, busy (a job of any
# XenFerry holds the guest's lock), running (the guest has a domain here), domains (they can't be listed), partly (a move back has begun to
# write over this disk, which the manifest calls `base` since: it is no state of the guest that ever was, and only serves the next one).
#
# Whatever changes something holds the guest's LOCK as jobs do (job-start): a move sets the config and its link aside and puts them
# back or removes them, and what is changed in between would be lost or appear at both ends.
#
# The trash is outside every folder that holds configs. A disk stays in its own filesystem or volume group: a file goes to
# .xenferry-trash beside it, a volume gets another name; the manifest (WORD tab FROM tab TO) knows the way back and is
# written before each step, so that a step cut short can be told and undone.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
tab='	'
undo='' lock=''
failed() {
  if [ "$undo" ]; then (set -- "$undo" && undo='' && put_back "$1") >/dev/null; fi
  printf 'failed %s\t%s\n' "$1" "${2-}"
  exit 1
}
ok() {
  echo ok
  exit 0
}
# Hidden, so that no folder in which every file is a config takes it for one.
# What somebody who was killed left there goes.
beside_of() {
  beside=$(dirname "$1")/.$(basename "$1").xenferry
  for left in "$beside".[0-9]*; do [ ! -e "$left" ] || [ -e "/proc/${left##*.}" ] || rm -f -- "$left"; done
  printf '%s\n' "$beside.$$"
}

hold() {
  case $1 in *[!A-Za-z0-9._-]* | '' | .*) failed name "$1" ;; esac
  (mkdir -p "$root/locks" && : >>"$root/locks/$1") 2>/dev/null || failed write "$root/locks/$1"
  exec 9>>"$root/locks/$1"
  # a lock that its last holder took away in this moment is none: it must be the file that stands there
  # shellcheck disable=SC3013 # dash and busybox know -ef
  if ! flock -n 9 || ! [ "$root/locks/$1" -ef "/proc/$$/fd/9" ]; then failed busy "$1"; fi
  lock=$root/locks/$1
  trap let_go EXIT
}
# shellcheck disable=SC2317 # called by a trap
let_go() { [ -z "$lock" ] || rm -f -- "$lock"; }

# No domain of the guest, and no half of one that moves: UUID NAME.
no_domain() {
  domids=$(xenstore-list /local/domain 2>/dev/null) || failed domains "$2"
  for domid in $domids; do
    [ "$domid" != 0 ] || continue
    if [ "$1" ]; then
      [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" != "/vm/$1" ] || failed running "$2"
    else
      case $(xenstore-read "/local/domain/$domid/name" 2>/dev/null) in
        "$2" | "$2--incoming" | "$2--migratedaway") failed running "$2" ;;
      esac
    fi
  done
}

sum() { sha256sum <"$1" | cut -d ' ' -f 1; }

read_config() {
  [ -f "$1" ] || failed missing "$1"
  echo 'begin base64'
  base64 <"$1" | sed 's/^/|/'
  echo 'end base64'
  printf 'sum %s\n' "$(sum "$1")"
  ok
}

write_config() {
  file=$1
  if [ "$2" = new ]; then
    if [ -e "$file" ] || [ -L "$file" ]; then failed exists "$file"; fi
    (umask 022 && mkdir -p "$(dirname "$file")") || failed write "$file"
    beside=$(beside_of "$file")
    (umask 022 && : >"$beside") || failed write "$file"
  else
    file=$(readlink -f -- "$1")
    [ -f "$file" ] || failed missing "$1"
    [ "$(sum "$file")" = "$2" ] || failed changed "$1"
    beside=$(beside_of "$file")
    cp -p -- "$file" "$beside" || failed write "$file" # its owner and mode
  fi
  trap 'rm -f -- "$beside"' EXIT
  cat >"$beside" || failed write "$file"
  [ "$(sum "$beside")" = "$3" ] || failed cut "$1"
  sync "$beside" 2>/dev/null || sync
  hold "$4" # only now: a link that hangs while the text comes keeps nobody waiting
  trap 'rm -f -- "$beside"; let_go' EXIT
  [ -z "${5-}" ] || no_domain '' "$5"
  if [ "$2" = new ]; then
    ln -- "$beside" "$file" 2>/dev/null || failed exists "$file"
    rm -f -- "$beside"
  else
    [ "$(sum "$file")" = "$2" ] || failed changed "$1"
    mv -f -- "$beside" "$file" || failed write "$file"
  fi
  sync "$(dirname "$file")" 2>/dev/null || sync
  printf 'sum %s\n' "$(sum "$file")"
  ok
}

# The links of folder $2 that lead to file $1, one a line.
links_to() {
  real=$(readlink -f -- "$1")
  for link in "$2"/*; do
    [ -L "$link" ] && [ "$(readlink -f -- "$link")" = "$real" ] && printf '%s\n' "$link"
  done
  return 0
}

autostart() {
  hold "$4"
  [ -f "$1" ] || failed missing "$1"
  found=$(links_to "$1" "$3")
  if [ "$2" = off ]; then
    case $1 in "$3"/*) failed link "$1" ;; esac # the config itself lies in the folder: nothing to unlink
    printf '%s\n' "$found" | while IFS= read -r link; do [ "$link" ] && rm -f -- "$link"; done
    ok
  fi
  [ "$found" ] && ok
  (umask 022 && mkdir -p "$3") || failed write "$3"
  name=$(basename "$1")
  if [ -e "$3/$name" ] || [ -L "$3/$name" ]; then failed exists "$3/$name"; fi
  ln -s -- "$1" "$3/$name" || failed write "$3/$name"
  ok
}

# A file whole or not at all, from one filesystem to another, and never over another one.
copy() {
  made=$(beside_of "$2")
  cp -p -- "$1" "$made" && { sync "$made" 2>/dev/null || sync; } && ln -- "$made" "$2" && rm -f -- "$made" && return
  rm -f -- "$made"
  return 1
}

note() { printf "$1$tab%s$tab%s\n" "$2" "${3-}" >>"$bin/manifest"; }

volume_of() { lvs --noheadings -o vg_name,lv_name,lv_device_open "$1" 2>/dev/null; }

trash_disk() { # DISK [VDEV]
  vdev=${2-}
  set -- "$1"
  if [ -b "$1" ]; then
    # shellcheck disable=SC2046 # VG LV [open]
    set -- "$1" $(volume_of "$1")
    [ $# -ge 3 ] || failed disk "$1"
    [ "${4-}" != open ] || failed inuse "$1"
    size=$(blockdev --getsize64 "$1" 2>/dev/null) || size=
    note volume "/dev/$2/$3" "/dev/$2/xenferry-trash-$id-$3"
    lvrename "$2" "$3" "xenferry-trash-$id-$3" >/dev/null 2>&1 9>&- || failed disk "$1"
    [ -z "$size" ] || note size "/dev/$2/$3" "$size"
    [ -z "$vdev" ] || note vdev "/dev/$2/$3" "$vdev"
  elif [ -f "$1" ]; then
    # the disk is what a link leads to; the link goes too, or its name would stay taken
    real=$1
    [ ! -L "$1" ] || real=$(readlink -f -- "$1")
    no_loop "$real" || failed inuse "$1"
    folder=$(dirname "$real")/.xenferry-trash
    mkdir -p "$folder" || failed disk "$1"
    size=$(stat -c %s -- "$real")
    note file "$real" "$folder/$id-$(basename "$real")"
    mv -n -- "$real" "$folder/$id-$(basename "$real")" || failed disk "$1"
    note size "$real" "$size"
    [ -z "$vdev" ] || note vdev "$real" "$vdev"
    if [ -L "$1" ]; then
      note link "$1" "$(readlink -- "$1")"
      rm -f -- "$1" || failed disk "$1"
    fi
  else
    failed disk "$1"
  fi
}

trash() {
  id=$1 guest=$2 uuid=$3 name=$4 file=$5 auto=$6
  shift 6
  case $id in *[!A-Za-z0-9._-]* | '' | .*) failed name "$id" ;; esac
  hold "$guest"
  no_domain "$uuid" "$name"
  [ -f "$file" ] || failed missing "$file"
  bin=$root/trash/$id
  mkdir -p "$root/trash" || failed write "$root/trash"
  mkdir "$bin" || failed exists "$bin"
  undo=$id
  note lock "$guest"
  note name "$name"
  note at "$(date +%s)"
  for disk in "$@"; do trash_disk "$disk"; done
  links_to "$file" "$auto" | while IFS= read -r link; do
    note link "$link" "$(readlink -- "$link")"
    rm -f -- "$link"
  done
  note config "$file" "$bin/config"
  if ! copy "$file" "$bin/config"; then failed write "$file"; fi
  rm -f -- "$file" || failed write "$file"
  ok
}

# Called by the job of a move, which holds the guest's lock. What can't be set aside stays where it is.
shelve() {
  id=$1 guest=$2 name=$3 text=$4 file=$5 where=$6
  shift 6
  bin=$root/trash/$id
  mkdir -p "$root/trash" && mkdir "$bin" 2>/dev/null || failed exists "$bin"
  note lock "$guest"
  note name "$name"
  note at "$(date +%s)"
  [ -z "$where" ] || note moved "$where"
  if [ "$file" ]; then
    note config "$file" "$bin/config"
    copy "$text" "$bin/config" || failed write "$bin/config"
  fi
  # whatever cuts us off, what stays under its name is noted
  if [ "$where" ]; then for disk in "$@"; do note_kept; done; fi
  for disk in "$@"; do
    case $disk in
      /*) (trash_disk "$disk") ;;
      *) (trash_disk "${disk#*=}" "${disk%%=*}") ;;
    esac || [ -z "$where" ] || note_kept
  done
  ok
}
# That this one stands under its name: `kept WHICH PATH VDEV`, until a later row says where it lies.
note_kept() {
  case $disk in
    /*) [ ! -e "$disk" ] || note "kept$tab$(which_of "$disk")" "$disk" ;;
    *) [ ! -e "${disk#*=}" ] || note "kept$tab$(which_of "${disk#*=}")" "${disk#*=}" "${disk%%=*}" ;;
  esac
}
# Of the disks that stayed under their names when this entry was made, these go to it now; each that nothing uses.
set_aside() {
  id=$1
  open_entry "$id"
  shift
  gone='' why=''
  had=$(backends) || failed domains "$id"
  for disk in "$@"; do
    vdev=$(kept_rows | while IFS=$tab read -r _ _ path vdev; do [ "$path" != "$disk" ] || printf '=%s\n' "$vdev"; done)
    [ "$vdev" ] || continue
    if has_it "$had" "$disk"; then
      why="inuse$tab$disk"
    elif said=$(trash_disk "$disk" "${vdev#=}"); then
      gone=yes
    else
      why=${said#failed }
      disk=${vdev#=}=$disk
      note_kept
    fi
  done
  [ "$why" ] || ok
  # some of it has changed
  [ -z "$gone" ] || failed left "${why#*"$tab"}"
  failed "${why%%"$tab"*}" "${why#*"$tab"}"
}

trash_list() {
  for bin in "$root"/trash/*; do
    [ -f "$bin/manifest" ] || continue
    printf 'begin entry %s\n' "${bin##*/}"
    sed 's/^/|/' "$bin/manifest"
    echo 'end entry'
  done
  ok
}

# The entry ID of the trash, with its lock held: sets bin.
open_entry() {
  case $1 in *[!A-Za-z0-9._-]* | '' | .*) failed name "$1" ;; esac
  bin=$root/trash/$1
  [ -f "$bin/manifest" ] || failed gone "$1"
  # who takes it to the trash holds the lock until all of it is there; undoing our own, we hold it already
  [ -z "$lock" ] || return 0
  held=$(sed -n "s/^lock$tab\([^$tab]*\).*/\1/p" "$bin/manifest")
  [ -z "$held" ] || hold "$held"
  [ -f "$bin/manifest" ] || failed gone "$1" # somebody else was quicker
}

put_back() {
  open_entry "$1"
  while IFS=$tab read -r word from to; do # first a look: all of it or nothing
    case $word in
      base) failed partly "$from" ;;
      config | file | volume)
        [ -e "$to" ] && [ -e "$from" ] && failed exists "$from"
        [ -e "$to" ] || [ -e "$from" ] || failed gone "$from"
        ;;
    esac
  done <"$bin/manifest"
  while IFS=$tab read -r word from to; do
    case $word in
      file) [ ! -e "$to" ] || mv -n -- "$to" "$from" || failed disk "$from" ;;
      volume)
        # shellcheck disable=SC2046 # VG LV
        [ ! -e "$to" ] || lvrename $(volume_of "$to" | cut -d ' ' -f 3,4) "${from##*/}" >/dev/null 2>&1 9>&- || failed disk "$from"
        ;;
      config)
        [ ! -e "$to" ] || copy "$to" "$from" || failed write "$from"
        ;;
    esac
  done <"$bin/manifest"
  while IFS=$tab read -r word from to; do
    [ "$word" = link ] && [ ! -e "$from" ] && (umask 022 && mkdir -p "$(dirname "$from")") && ln -s -- "$to" "$from"
  done <"$bin/manifest"
  rm -rf -- "$bin"
  ok
}

# Only what bears the entry's own name is touched, and nothing when any of it is in use.
let_entry_go() {
  open_entry "$1"
  for step in look go; do
    while IFS=$tab read -r word from to; do
      case $word in file | volume | base) ;; *) continue ;; esac
      case $to in
        /dev/*/xenferry-trash-"$1"-*) let_volume_go "$to" ;;
        */.xenferry-trash/"$1"-*) let_file_go "$to" ;;
        *) failed disk "$from" ;;
      esac
    done <"$bin/manifest"
  done
  sync
  rows=$(kept_rows)
  if [ "$rows" ]; then # they are no part of what goes, and stay noted
    { grep -Ev "^(kept|file|volume|base|size|vdev)$tab" "$bin/manifest"; printf '%s\n' "$rows"; } >"$bin/manifest.new" || failed write "$bin"
    sync "$bin/manifest.new" 2>/dev/null || sync
    mv -- "$bin/manifest.new" "$bin/manifest" || failed write "$bin"
    ok
  fi
  rm -rf -- "$bin"
  ok
}
let_volume_go() {
  # shellcheck disable=SC2046 # VG LV [open]
  set -- "$1" $(volume_of "$1" </dev/null)
  [ $# -ge 3 ] || return 0 # it is gone already
  [ "${4-}" != open ] || failed inuse "$1"
  [ "$step" = look ] || lvremove -f -y "$2/$3" >/dev/null </dev/null 9>&- || failed disk "$1"
}
let_file_go() {
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then return 0; fi
  no_loop "$1" || failed inuse "$1"
  [ "$step" = go ] || return 0
  rm -f -- "$1" || failed disk "$1"
  rmdir -- "${1%/*}" 2>/dev/null || true
}

verb=$1
shift
case $verb in
  read) read_config "$1" ;;
  write) write_config "$@" ;;
  autostart) autostart "$@" ;;
  trash) trash "$@" ;;
  shelve) shelve "$@" ;;
  trashlist) trash_list ;;
  putback) put_back "$1" ;;
  letgo) let_entry_go "$1" ;;
  setaside) set_aside "$@" ;;
  *) failed name "$verb" ;;
esac
