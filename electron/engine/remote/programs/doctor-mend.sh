#!/bin/sh
# doctor-mend VERB ...   mends one thing that doctor-look told. Each looks again at all it stands on, under the guest's LOCK, and changes
# nothing where anything is otherwise by now. What others could still need goes to the trash of this host.
#   end LOCK UUID DOMID incoming|migratedaway|suspended|paused FULL   destroys the domain of that FULL name, which stands still in that
#                                     way and no other
#   resume LOCK UUID DOMID FULL       lets a suspended domain go on where it stood
#   back LOCK UUID NAME ID            puts back the config that job ID set aside
#   install LOCK UUID NAME ID         puts the config that came with move ID in its place
#   unstage LOCK UUID NAME ID TRASH DISK...    what was made for move ID goes to the trash as TRASH; its folder and key line go
#   shelve LOCK NAME ID TRASH DISK...          disks and parts of ID, of which no folder knows, go to the trash as TRASH
#   aside TRASH DISK...               disks that an entry of the trash lacks go there
#   config FILE SHA256 LOCK UUID NAME TRASH AUTO    this host's copy of a config goes to the trash as TRASH
#   forget ID                         a job that never began
#   unlock ID FILE                    takes the line of ID out of authorized_keys FILE
#   untrace ID PATH                   takes an instance of tracefs away
#   locks NAME...                     locks that nobody holds
# stdin: "file NAME BASE64" a line: the programs it needs (config, aside, install, unstage).
# Answers ok, or: failed busy | moving | running | changed | domains | destroy | receiving | inuse tab PATH | left PATH | gone | write | WHY
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
read -r boot </proc/sys/kernel/random/boot_id
lock='' work=''
refuse() {
  printf 'failed %s\n' "$*"
  exit 1
}
# shellcheck disable=SC2317 # called by a trap
leave() {
  [ -z "$lock" ] || rm -f -- "$lock"
  [ -z "$work" ] || rm -rf -- "$work"
}
trap leave EXIT
trap 'exit 1' HUP INT PIPE TERM
plain() { case $1 in *[!A-Za-z0-9._-]* | '' | .*) refuse name ;; esac; }
hold() {
  plain "$1"
  mkdir -p "$root/locks" && exec 9>>"$root/locks/$1"
  # a lock that its last holder took away in this moment is none: it must be the file that stands there
  # shellcheck disable=SC3013 # dash and busybox know -ef
  if ! flock -n 9 || ! [ "$root/locks/$1" -ef "/proc/$$/fd/9" ]; then refuse busy; fi
  lock=$root/locks/$1
}
alive() {
  [ -e "$1" ] && read -r pid start theirs <"$1" && [ "${theirs:-$boot}" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
job_lives() { [ ! -e "$root/jobs/$1/exit" ] && alive "$root/jobs/$1/pid"; }
move_lives() {
  { [ ! -e "$root/incoming/$1/exit" ] && alive "$root/incoming/$1/pid"; } || alive "$root/incoming/$1/pid.disks" || alive "$root/incoming/$1/pid.door"
}
nobody_works_on() {
  if job_lives "$1"; then refuse moving; fi
  if move_lives "$1"; then refuse receiving; fi
}
# Nothing moves or saves any guest here now: it may be this one.
no_mover() { [ -z "$(movers 9>&-)" ] || refuse moving; }
no_domain() { # UUID NAME
  domids=$(xenstore-list /local/domain 2>/dev/null) || refuse domains
  for domid in $domids; do
    [ "$domid" != 0 ] || continue
    [ -z "$1" ] || [ "$(xenstore-read "/local/domain/$domid/vm" 2>/dev/null)" != "/vm/$1" ] || refuse running
    case $(xenstore-read "/local/domain/$domid/name" 2>/dev/null) in "$2" | "$2--incoming" | "$2--migratedaway") refuse running ;; esac
  done
}
# Whether domain $2 of UUID $1 stands still in way $3, by its full name $4 and its state, and has nothing about it that runs.
stands() {
  [ "$(xenstore-read "/local/domain/$2/vm" 2>/dev/null)" = "/vm/$1" ] || refuse changed
  name=$(xenstore-read "/local/domain/$2/name" 2>/dev/null) && [ "$name" = "$4" ] || refuse changed
  case $3:$name in
    incoming:*--incoming | migratedaway:*--migratedaway) ;;
    incoming:* | migratedaway:* | *--incoming | *--migratedaway) refuse changed ;;
  esac
  state=$(xl list "$2" 2>/dev/null 9>&- | awk 'END { print $(NF - 1) }')
  case $3:$state in
    suspended:????s* | migratedaway:????s* | incoming:??p-* | paused:??p-* | migratedaway:??p-*) ;;
    *) refuse running ;;
  esac
}
programs() {
  work=$(mktemp -d) || refuse write
  while IFS=' ' read -r word file data; do
    [ "$word" = file ] && plain "$file" && printf '%s' "$data" | base64 -d >"$work/$file" || refuse input
  done
}
# runs one of them; its refusal is ours. What it starts holds no lock of ours.
call() {
  program=$1
  shift
  said=$(sh "$work/$program" "$@" 9>&-)
  case "
$said" in *"
ok") ;; *) refuse "${said#failed }" ;; esac
}
to_trash() { # LOCK NAME TRASH DISK...
  held=$1 name=$2 trash=$3
  shift 3
  [ $# -gt 0 ] || return 0
  call config shelve "$trash" "$held" "$name" '' '' '' "$@"
  for disk in "$@"; do [ ! -e "$disk" ] || refuse "left $disk"; done
}

verb=$1
shift
case $verb in
  end)
    hold "$1"
    no_mover
    stands "$2" "$3" "$4" "$5"
    no_mover
    stands "$2" "$3" "$4" "$5"
    xl destroy "$3" 9>&- || refuse destroy
    ;;
  resume)
    hold "$1"
    no_mover
    stands "$2" "$3" suspended "$4"
    no_mover
    xl resume "$3" 9>&- || refuse resume
    case $state in ??p*) xl unpause "$3" 9>&- ;; esac
    ;;
  back)
    programs
    hold "$1"
    nobody_works_on "$4"
    [ -d "$root/jobs/$4" ] || refuse gone
    no_domain "$2" "$3"
    call aside "$4" back
    call aside "$4" stayed
    ;;
  install)
    programs
    hold "$1"
    nobody_works_on "$4"
    no_domain "$2" "$3"
    call install "$4"
    call unstage "$4"
    ;;
  unstage)
    programs
    hold "$1"
    nobody_works_on "$4"
    [ -d "$root/incoming/$4" ] || refuse gone
    if [ $# -gt 5 ]; then no_domain "$2" "$3"; fi
    held=$1 name=$3 id=$4 trash=$5
    shift 5
    if [ $# -gt 0 ] && grep -qs '^base ' "$root/incoming/$id/made"; then
      # what came from an entry of the trash goes back to it, and nowhere else
      # shellcheck source=electron/engine/remote/programs/create-undo.sh
      said=$(cd "$root/incoming/$id" && . ./undo && lay_down_bases) 9>&-
      case $said in left\ *) refuse "$said" ;; esac
      for disk in "$@"; do
        shift
        [ ! -e "$disk" ] || set -- "$@" "$disk"
      done
    fi
    to_trash "$held" "$name" "$trash" "$@"
    call unstage "$id"
    ;;
  shelve)
    programs
    hold "$1"
    if [ -e "$root/jobs/$3" ] || [ -e "$root/incoming/$3" ]; then refuse changed; fi
    held=$1 name=$2 trash=$4
    shift 4
    to_trash "$held" "$name" "$trash" "$@"
    ;;
  config)
    programs
    [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$2" ] || refuse changed
    # it takes the guest's lock itself, and looks that no domain of the guest is here
    call config trash "$6" "$3" "$4" "$5" "$1" "$7"
    ;;
  aside)
    programs
    call config setaside "$@" # it takes the guest's lock itself
    ;;
  forget)
    plain "$1"
    job=$root/jobs/$1
    if [ -e "$job/pid" ] || [ -e "$job/committed" ] || [ -e "$job/program" ]; then refuse changed; fi
    rm -rf "$job"
    ;;
  unlock)
    plain "$1"
    if [ -e "$root/incoming/$1" ]; then refuse changed; fi
    keys=$(readlink -f "$2") || refuse gone
    mkdir -p "$root/locks" && exec 9>>"$root/locks/authorized_keys" && flock 9
    new=$keys.xenferry-$1
    cp -p "$keys" "$new" && sed "/^restrict,from=.* xenferry-$1\$/d" "$keys" >"$new" && { sync -- "$new" 2>/dev/null || sync; } && mv "$new" "$keys" || { rm -f "$new"; refuse write; }
    ;;
  untrace)
    nobody_works_on "$1"
    case $2 in */instances/xenferry-"$1") ;; *) refuse name ;; esac
    [ ! -d "$2" ] || rmdir "$2" || refuse write
    ;;
  locks)
    for name in "$@"; do
      plain "$name"
      [ "$name" != authorized_keys ] && [ -e "$root/locks/$name" ] || continue
      # under the lock itself, and only the file that is locked
      exec 9>>"$root/locks/$name"
      # shellcheck disable=SC3013 # dash and busybox know -ef
      if ! flock -n 9 || ! [ "$root/locks/$name" -ef "/proc/$$/fd/9" ]; then refuse busy; fi
      rm -f "$root/locks/$name"
    done
    ;;
  *) refuse name ;;
esac
echo ok
