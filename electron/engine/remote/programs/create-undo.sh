#!/bin/sh
# Read (with `.`) by create and create-recover in the job's folder: the journal of what was made, and how it is taken back.
# `made` holds two lines a thing, written before it is made: what it is, and its path.
#   part          a file under a name of ours; nobody else's
#   file INODE    a file that got its name only where there was none: ours as long as the inode is the same
#   link TARGET…  a symbolic link that was not there before
#   volume TAG    VG/LV; ours as long as it carries the tag, which it got in the making
#   base OLD MARK a disk that an earlier move of the same guest had set aside in trash/OLD, and that was taken to this path to be written
#                 over (move-disks-in); ours as long as its inode, or the tag of its volume, is MARK. It goes back there, and its entry
#                 says that it is no whole disk any more
# It says "undone PATH" for what it took back, and "left PATH" for what it could not.

made() {
  # what can't be noted is not made
  printf '%s\n%s\n' "$1" "$2" >>made || give_up
  sync made 2>/dev/null || :
}

# Not echo, which reads backslashes in some shells.
tell() { printf '%s %s\n' "$1" "$2"; }

tab='	'
# sets old, mark, and where in the trash the disk lay that is at $path now
base() {
  old=${what#base }
  mark=${old#* } old=${old%% *} lay=
  [ -f "../../trash/$old/manifest" ] || return 1
  while IFS=$tab read -r word from to; do
    if [ "$word" = base ] && [ "$from" = "$path" ]; then lay=$to; fi
  done <"../../trash/$old/manifest"
  [ "$lay" ]
}
is_base() {
  case $mark in
    xenferry-*) case $(lvs --noheadings -o lv_tags "$path" 2>/dev/null) in *"$mark"*) ;; *) return 1 ;; esac ;;
    *) [ -f "$path" ] && [ ! -L "$path" ] && [ "$(stat -c %i "$path")" = "$mark" ] ;;
  esac
}
lay_down() { # cut off in the middle, it has both names
  case $mark in
    xenferry-*)
      lvrename "$(echo "$path" | cut -d / -f 3)" "${path##*/}" "${lay##*/}" >/dev/null 2>&1 </dev/null && lvchange --deltag "$mark" "$lay" >/dev/null 2>&1
      ;;
    *)
      # shellcheck disable=SC3013 # dash and busybox know -ef
      { ln "$path" "$lay" 2>/dev/null || [ "$path" -ef "$lay" ]; } && rm -f "$path"
      ;;
  esac
}
# whether a disk of the trash lies there; a volume may be inactive
lies() { case $1 in /dev/*) lvs "$1" >/dev/null 2>&1 ;; *) [ -e "$1" ] ;; esac; }
# The guest stands on it now: of an entry of which nothing lies in the trash any more, nothing stays.
used_up() {
  case $mark in xenferry-*) lvchange --deltag "$mark" "$path" >/dev/null 2>&1 ;; esac
  while IFS=$tab read -r word _ to; do
    case $word in file | volume | base) ! lies "$to" || return 0 ;; esac
  done <"../../trash/$old/manifest"
  rm -rf "../../trash/$old"
}

take_back() {
  what=$1 path=$2
  case $what in
    part) rm -f "$path" && [ ! -e "$path" ] || tell left "$path" ;;
    file\ *)
      [ -f "$path" ] && [ ! -L "$path" ] || return 0 # a number that is free again may be anything's
      [ "$(stat -c %i "$path")" = "${what#file }" ] || return 0
      if rm -f "$path" && [ ! -e "$path" ]; then tell undone "$path"; else tell left "$path"; fi
      ;;
    link\ *)
      [ "$(readlink "$path" 2>/dev/null)" = "${what#link }" ] || return 0
      if rm -f "$path" && [ ! -L "$path" ]; then tell undone "$path"; else tell left "$path"; fi
      ;;
    volume\ *)
      case $(lvs --noheadings -o lv_tags "$path" 2>/dev/null) in
        *"${what#volume }"*) ;;
        *) return 0 ;;
      esac
      if lvremove -f -y "$path" >/dev/null 2>&1; then echo "undone /dev/$path"; else echo "left /dev/$path"; fi
      ;;
    base\ *)
      base || return 0
      if ! is_base; then
        # cut off before it was taken: it lies there still
        case $mark in xenferry-*) lvchange --deltag "$mark" "$lay" >/dev/null 2>&1 ;; esac
        return 0
      fi
      if lay_down; then tell undone "$path"; else tell left "$path"; fi
      ;;
  esac
}

# autostart and config go first, so that nothing starts while its disk is taken away
undo() {
  [ ! -e leases ] || sh ./lease give
  [ -e made ] || return 0
  for kind in link file part volume base; do
    while IFS= read -r what && IFS= read -r path; do
      case $what in "$kind" | "$kind "*) take_back "$what" "$path" ;; esac
    done <made
  done
}

# what stays, by name
name_left() {
  [ -e made ] || return 0
  while IFS= read -r what && IFS= read -r path; do
    case $what in
      volume\ *)
        lvchange --deltag "${what#volume }" "$path" >/dev/null 2>&1
        echo "left /dev/$path"
        ;;
      part) rm -f "$path" ;;
      base\ *) if base && is_base; then used_up; fi ;;
      *) [ ! -e "$path" ] || tell left "$path" ;;
    esac
  done <made
}

# disks that were set aside once go back there, also where all else stays
lay_down_bases() {
  while IFS= read -r what && IFS= read -r path; do
    case $what in base\ *) take_back "$what" "$path" ;; esac
  done <made
}

# domain id of the running guest with this UUID, or nothing
domid_of() {
  xl vm-list 2>/dev/null | while read -r theirs number _; do
    [ "$theirs" != "$1" ] || echo "$number"
  done
}
