#!/bin/sh
# job-list   every job of this host: "job ID STATE EXIT AGE LOGBYTES ABOUT", fields apart by tabs
# STATE: new (prepared, not started), running, ended, died (its process is gone and left no exit; a reboot, or killed)
# AGE: seconds since it began (or ended), by the host's clock; 0 where that was set back since. ABOUT is last, as it was given.
set -u
root=${XENFERRY_ROOT:-/var/lib/xenferry}
read -r boot </proc/sys/kernel/random/boot_id
now=$(date +%s)
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
  touched=$(stat -c %Y "$job" 2>/dev/null) || touched=$now
  size=0
  [ -e "$job/log" ] && size=$(stat -c %s "$job/log")
  age=$((now - touched))
  [ "$age" -ge 0 ] || age=0
  # not echo, which reads backslashes in the shells of some hosts: ABOUT is full of them
  printf 'job\t%s\t%s\t%s\t%s\t%s\t%s\n' "${job##*/}" "$state" "${exit:--}" "$age" "$size" "$about"
done
echo ok
