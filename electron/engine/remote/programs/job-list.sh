#!/bin/sh
# job-list   every job of this host: "job ID STATE EXIT AGE LOGBYTES ABOUT", fields apart by tabs
# STATE: new (prepared, not started), running, ended, died (its process is gone and left no exit; a reboot, or killed)
# AGE: seconds since it began (or ended), by the host's clock; 0 where that was set back since. ABOUT is last, as it was given.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
read -r boot </proc/sys/kernel/random/boot_id
now=$(date +%s)
# one look at all of them: a process for each would be felt where there are many
nl='
'
sizes=$(stat -c '%Y %s %n' "$root"/jobs/*/ "$root"/jobs/*/log 2>/dev/null)$nl
for job in "$root"/jobs/*/; do
  [ -d "$job" ] || continue
  job=${job%/}
  state=new exit=- about=
  if [ -e "$job/exit" ]; then
    state=ended
    read -r exit <"$job/exit"
  elif [ -e "$job/pid" ]; then
    state=died
    read -r pid start theirs <"$job/pid"
    if [ "$theirs" = "$boot" ] && read -r stat 2>/dev/null <"/proc/$pid/stat"; then
      # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name
      set -- ${stat##*) }
      [ "${20}" = "$start" ] && state=running
    fi
  fi
  [ -e "$job/about" ] && read -r about <"$job/about"
  touched=$now size=0
  line=${sizes%%" $job/$nl"*}
  if [ "$line" != "$sizes" ]; then line=${line##*"$nl"} touched=${line%% *}; fi
  line=${sizes%%" $job/log$nl"*}
  [ "$line" = "$sizes" ] || size=${line##* }
  age=$((now - touched))
  [ "$age" -ge 0 ] || age=0
  # not echo, which reads backslashes in the shells of some hosts: ABOUT is full of them
  printf 'job\t%s\t%s\t%s\t%s\t%s\t%s\n' "${job##*/}" "$state" "${exit:--}" "$age" "$size" "$about"
done
echo ok
