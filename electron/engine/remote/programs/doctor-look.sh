#!/bin/sh
# doctor-look FOLDER...   all that a move or a creation may have left on this host; changes nothing. FOLDERs: where disks and configs
# stand. Fields apart by tabs; the text of others is last.
#   boot ID · resume (xl can resume a suspended domain; Xen 4.20)
#   domain DOMID STATE SECONDS UUID NAME      STATE as `xl list` has it
#   mover receive|send OURS PID               what moves or saves a guest now (doctor-movers); OURS: the move of ours it belongs to, or -
#   job ID STATE AGE BOOT PHASE COMMITTED LOCK ABOUT     STATE as in job-list; BOOT same|other; COMMITTED yes|no; LOCK its guest's
#   aside ID here|gone PATH                   the config that this job set aside, and whether something stands there
#   incoming ID STATE AGE INSTALLED UUID      INSTALLED yes|no; STATE: staged (nobody has come in yet), waiting (for the time to let
#       somebody in), claimed (somebody came, or nobody has to: its source may have let go), receiving, received, failed
#   staged ID here|gone PATH                  the config that came with it
#   made ID BYTES PATH                        what was made for its disks, and is there still
#   key ID valid|expired FILE                 a line of ours in root's authorized_keys
#   part ID AGE BYTES PATH                    a file under a name of ours, beside what it was to become
#   volume ID VG/LV LVUUID BYTES OPEN AGE     a logical volume with our tag; OPEN yes|no
#   left ID LOCK WHERE NAME                   an entry of the trash, of a guest that moved to host WHERE, which lacks some of its disks (WHERE - is none):
#   kept ID PATH                              one that could not be set aside then, and that still stands there
#   trace ID PATH                             an instance in tracefs
#   lock held|free AGE NAME
#   ok, or failed domains
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
tab='	'
read -r boot </proc/sys/kernel/random/boot_id
now=$(date +%s)
say() { # WORD FIELD...
  line=$1
  shift
  for field in "$@"; do line=$line$tab$field; done
  printf '%s\n' "$line"
}
first_of() { # FILE: its first line, or -
  line=
  [ ! -e "$1" ] || IFS= read -r line <"$1"
  printf '%s\n' "${line:--}"
}
age_of() {
  touched=$(stat -c %Y "$1" 2>/dev/null) || touched=$now
  age=$((now - touched))
  [ "$age" -ge 0 ] || age=0
}
# Whether the process of a file "PID START BOOT" is there; sets booted.
alive() {
  booted=same
  [ -e "$1" ] && read -r pid start theirs <"$1" || return 1
  [ "${theirs:-$boot}" = "$boot" ] || booted=other
  [ "$booted" = same ] && read -r stat 2>/dev/null <"/proc/$pid/stat" || return 1
  [ -n "$start" ] || return 0
  # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
  set -- ${stat##*) }
  [ "${20}" = "$start" ]
}
here_or_gone() { if [ -e "$1" ] || [ -L "$1" ]; then echo here; else echo gone; fi; }
yes_if() { if [ -e "$1" ]; then echo yes; else echo no; fi; }

printf 'boot\t%s\n' "$boot"
if xl help 2>/dev/null | grep -q '^ *resume '; then echo resume; fi
list=$(xl list -v 2>/dev/null) || { echo "failed domains"; exit 1; }
printf '%s\n' "$list" | awk '
  match($0, / +[0-9]+ +[0-9]+ +[0-9]+[ \t]+[r-][b-][p-][s-][rscwS-][d-]/) {
    name = substr($0, 1, RSTART - 1)
    n = split(substr($0, RSTART), f, /[ \t]+/)
    if (f[2] != 0 && n >= 7) printf "domain\t%s\t%s\t%s\t%s\t%s\n", f[2], f[5], f[6], f[7], name
  }'

jobs() {
  live=
  for job in "$root"/jobs/*/; do
    [ -d "$job" ] || continue
    job=${job%/} state=new booted=same
    id=${job##*/}
    if [ -e "$job/exit" ]; then state=ended
    elif [ -e "$job/pid" ]; then if alive "$job/pid"; then state=running live="$live $pid:$id"; else state=died; fi; fi
    age_of "$job"
    say job "$id" "$state" "$age" "$booted" "$(first_of "$job/phase")" "$(yes_if "$job/committed")" "$(first_of "$job/guest")" "$(first_of "$job/about")"
    if [ -e "$job/where-config" ] && IFS= read -r path <"$job/where-config"; then say aside "$id" "$(here_or_gone "$path")" "$path"; fi
  done
}
# what stands in the journal `made` (create-undo), as far as it is there still
made() {
  while IFS= read -r what && IFS= read -r path; do
    case $what in
      file\ *) [ "$(stat -c %i "$path" 2>/dev/null)" = "${what#file }" ] || continue ;;
      part) [ -e "$path" ] || continue ;;
      base\ *\ xenferry-*) # a volume that was set aside once
        size=$(printf '%s\n' "$volumes" | awk -F '|' -v at="${path#/dev/}" -v tag="${what##* }" '$1 "/" $2 == at && index("," $6 ",", "," tag ",") { print $4 }')
        [ -z "$size" ] || say made "$id" "$size" "$path"
        continue
        ;;
      base\ *) [ "$(stat -c %i "$path" 2>/dev/null)" = "${what##* }" ] || continue ;;
      volume\ *)
        size=$(printf '%s\n' "$volumes" | awk -F '|' -v at="$path" -v tag="${what#volume }" '$1 "/" $2 == at && $6 == tag { print $4 }')
        [ -z "$size" ] || say made "$id" "$size" "/dev/$path"
        continue
        ;;
      *) continue ;;
    esac
    say made "$id" "$(stat -c %s "$path")" "$path"
  done <"$1"
}
incoming() {
  for in in "$root"/incoming/*/; do
    [ -d "$in" ] || continue
    in=${in%/} state=staged
    id=${in##*/}
    if [ -e "$in/exit" ]; then
      if [ "$(first_of "$in/exit")" = 0 ]; then state=received; else state=failed; fi
    elif alive "$in/pid"; then state=receiving live="$live $pid:$id"
    elif alive "$in/pid.disks"; then state=receiving live="$live $pid:$id"
    elif alive "$in/pid.door"; then state=waiting
    elif [ -e "$in/pid" ] || [ -e "$in/pid.disks" ] || ! grep -q . "$in/keysfile" 2>/dev/null; then state=claimed; fi
    age_of "$in"
    say incoming "$id" "$state" "$age" "$(yes_if "$in/installed")" "$(first_of "$in/guest")"
    if [ -e "$in/where-config" ] && IFS= read -r path <"$in/where-config"; then say staged "$id" "$(here_or_gone "$path")" "$path"; fi
    [ ! -e "$in/made" ] || made "$in/made"
  done
}
moving() {
  movers | while read -r way pid parent group; do
    ours=-
    for one in $live; do case ${one%%:*} in "$parent" | "$group") ours=${one#*:} ;; esac; done
    say mover "$way" "$ours" "$pid"
  done
}
keys() {
  stamp=$(date +%Y%m%d%H%M%S)
  { printf '%s\n' /root/.ssh/authorized_keys; cat "$root"/incoming/*/keysfile 2>/dev/null; } | sort -u | while IFS= read -r file; do
    [ -f "$file" ] || continue
    awk -v now="$stamp" -v file="$file" '
      $NF ~ /^xenferry-[A-Za-z0-9._-]+$/ && /^restrict,from=/ {
        how = "valid"
        if (match($0, /expiry-time="[0-9]+"/) && substr($0, RSTART + 13, RLENGTH - 14) < now) how = "expired"
        printf "key\t%s\t%s\t%s\n", substr($NF, 10), how, file
      }' "$file"
  done
}
parts() {
  for folder in "$@"; do
    for path in "${folder%/}"/.xenferry-*; do
      [ -f "$path" ] && [ ! -L "$path" ] || continue
      id=${path##*/.xenferry-}
      id=${id%.part}
      id=${id%-[0-9]}
      id=${id%-[0-9][0-9]}
      age_of "$path"
      say part "$id" "$age" "$(stat -c %s "$path")" "$path"
    done
  done
}
# which of an entry stand there still tells config-disks.sh, which stands before this
left_disks() {
  for bin in "$root"/trash/*/; do
    grep -qs "^kept$tab" "${bin}manifest" || continue
    bin=${bin%/}
    rows=$(kept_rows)
    [ "$rows" ] || continue
    held='' moved='' name=''
    while IFS=$tab read -r word first _; do
      case $word in lock) held=$first ;; name) name=$first ;; moved) moved=$first ;; esac
    done <"$bin/manifest"
    say left "${bin##*/}" "$held" "${moved:--}" "$name"
    printf '%s\n' "$rows" | while IFS=$tab read -r _ _ path _; do say kept "${bin##*/}" "$path"; done
  done
}
rest() {
  printf '%s\n' "$volumes" | awk -F '|' -v now="$now" '$6 ~ /^xenferry-/ && $2 !~ /^xenferry-trash-/ {
    printf "volume\t%s\t%s/%s\t%s\t%s\t%s\t%d\n", substr($6, 10), $1, $2, $3, $4, ($5 == "open" ? "yes" : "no"), ($7 > now ? 0 : now - $7) }'
  for folder in /sys/kernel/tracing /sys/kernel/debug/tracing; do
    for path in "$folder"/instances/xenferry-*; do
      [ ! -d "$path" ] || say trace "${path##*/xenferry-}" "$path"
    done
    [ ! -e "$folder/instances" ] || break
  done
  for path in "$root"/locks/*; do
    [ -e "$path" ] && [ "${path##*/}" != authorized_keys ] || continue
    age_of "$path"
    if grep -q ":$(stat -c %i "$path") " /proc/locks 2>/dev/null; then how=held; else how=free; fi
    say lock "$how" "$age" "${path##*/}"
  done
}
volumes=$(lvs --noheadings --units b --nosuffix --separator '|' --config 'report{time_format="%s"}' \
  -o vg_name,lv_name,lv_uuid,lv_size,lv_device_open,lv_tags,lv_time 2>/dev/null | sed 's/^ *//')
jobs
incoming
moving
keys
parts "$@"
left_disks
rest
echo ok
