#!/bin/sh
# job-start ID LOCK ABOUT [ARG...]   files on stdin, one a line: "file NAME BASE64"; one of them is "program"
# Starts long work in its own folder, so that it goes on without any connection:
#   program args about   what is run, with what, and what it is for (JSON, one line)
#   began pid            /proc/uptime and process id (start time, boot id) of its first process; the process group is the same number
#   log                  what the work says, both streams
#   phase                one word by the work itself, when it has phases
#   stop                 written by the work: the process to end when somebody cancels, and its start time
#   cancel committed     who came first: the canceller or the point of no return (both only under the flock of "lock")
#   exit                 its exit status, "busy" when somebody else holds the guest's lock, written last
# LOCK names the guest: only one job works on it at a time.
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
root=${XENFERRY_ROOT:-/var/lib/xenferry}
id=$1 guest=$2 about=$3
shift 3
case $id$guest in *[!A-Za-z0-9._-]* | '' | .*) echo "failed name"; exit 1 ;; esac
job=$root/jobs/$id
mkdir -p "$root/jobs" "$root/locks" || { echo "failed folder"; exit 1; }
# a folder that was prepared beforehand (it has no program yet) may be used
if ! mkdir "$job" 2>/dev/null && { [ -e "$job/program" ] || [ ! -d "$job" ]; }; then echo "failed exists"; exit 1; fi
while IFS=' ' read -r word name data; do
  [ "$word" = file ] || { echo "failed input"; exit 1; }
  case $name in */* | .* | '') echo "failed input"; exit 1 ;; esac
  printf '%s' "$data" | base64 -d >"$job/$name" || { echo "failed write $name"; exit 1; }
done
[ -e "$job/program" ] || { echo "failed input"; exit 1; }
printf '%s\n' "$about" >"$job/about"
printf '%s\n' "$guest" >"$job/guest"
: >"$job/args"
[ $# -eq 0 ] || printf '%s\n' "$@" >"$job/args"
: >"$job/log"
: >"$job/lock"
cat >"$job/run" <<'RUN'
#!/bin/sh
# Runs the job of this folder. Holds the guest's lock as long as the work lasts; nothing it starts inherits the lock.
cd "${0%/*}" || exit 1
read -r guest <guest
exec 9>>"../../locks/$guest"
boot=; read -r boot </proc/sys/kernel/random/boot_id
read -r stat </proc/$$/stat
# shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: the 20th is the start time
set -- ${stat##*) }
echo "$$ ${20} $boot" >pid.new
# a lock that its last holder took away in this moment is none: it must be the file that stands there
if ! flock -n 9 || ! [ "../../locks/$guest" -ef "/proc/$$/fd/9" ]; then echo busy >exit.new; mv exit.new exit; mv pid.new pid; exit 1; fi
read -r now _ </proc/uptime
echo "$now" >began
mv pid.new pid
set --
while IFS= read -r word; do set -- "$@" "$word"; done <args
sh ./program "$@" </dev/null >>log 2>&1 9>&-
how=$?
read -r now _ </proc/uptime
echo "$now" >finished
rm -f "../../locks/$guest"
# killed like this, not by whoever cancels, or a shell that could not go on (2: no process or file to be had): what it began may go on,
# and it counts as died
[ $how -ne 2 ] && [ $how -le 128 ] || exit $how
# without room for its exit it counts as died: an empty one would say nothing
echo $how >exit.new && mv exit.new exit
RUN
if [ -d /run/systemd/system ] && command -v systemd-run >/dev/null 2>&1; then
  # its own service: it outlives the session, and what it leaves running (xl's monitor, QEMU) outlives it
  systemd-run --quiet --collect --unit="xenferry-$id" -p KillMode=process sh "$job/run" </dev/null >/dev/null 2>"$job/refused" ||
    { echo "failed start $(tail -n 1 "$job/refused")"; rm -rf "$job"; exit 1; }
else
  setsid sh "$job/run" </dev/null >/dev/null 2>&1 &
fi
tries=0
while [ ! -e "$job/pid" ]; do
  tries=$((tries + 1))
  [ $tries -gt 150 ] && { echo "failed start"; exit 1; }
  sleep 0.2 2>/dev/null || sleep 1
done
if [ -e "$job/exit" ] && read -r how <"$job/exit" && [ "$how" = busy ]; then
  rm -rf "$job"
  echo "failed busy"
  exit 1
fi
touch "$root/jobs" # the watches of others see that something began
echo ok
