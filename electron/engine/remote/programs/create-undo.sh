#!/bin/sh
# Read (with `.`) by create and create-recover in the job's folder: the journal of what was made, and how it is taken back.
# `made` holds two lines a thing, written before it is made: what it is, and its path.
#   part          a file under a name of ours; nobody else's
#   file INODE    a file that got its name only where there was none: ours as long as the inode is the same
#   link TARGET…  a symbolic link that was not there before
#   volume TAG    VG/LV; ours as long as it carries the tag, which it got in the making
# It says "undone PATH" for what it took back, and "left PATH" for what it could not.

made() {
  # what can't be noted is not made
  printf '%s\n%s\n' "$1" "$2" >>made || give_up
  sync made 2>/dev/null || :
}

# Not echo, which reads backslashes in some shells.
tell() { printf '%s %s\n' "$1" "$2"; }

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
  esac
}

# autostart and config go first, so that nothing starts while its disk is taken away
undo() {
  [ ! -e leases ] || sh ./lease give
  [ -e made ] || return 0
  for kind in link file part volume; do
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
      *) [ ! -e "$path" ] || tell left "$path" ;;
    esac
  done <made
}

# domain id of the running guest with this UUID, or nothing
domid_of() {
  xl vm-list 2>/dev/null | while read -r theirs number _; do
    [ "$theirs" != "$1" ] || echo "$number"
  done
}
