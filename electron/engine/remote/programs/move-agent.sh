#!/bin/sh
# move-agent make USER   on the source: a folder for a socket by which the operator's agent answers. Only root, and USER, whose session
#                        listens there, can reach it. Answers: at FOLDER · ok
# move-agent try SOCKET ADDRESS PORT LOGIN COMMAND   logs in at the target by it, with the target's keys on stdin (known_hosts), and runs
#                        COMMAND there, which says "xenferry" and nothing else. Answers: ok, or failed login SAID
# move-agent end SOCKET  takes socket and folder away
set -u
umask 077
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
verb=$1
run=${XENFERRY_RUN:-/run}
shift
case $verb in
  make)
    # what was left by one whose desktop was cut off: after a week nobody listens there
    find "$run" -maxdepth 1 -name 'xenferry-agent.*' -mtime +6 2>/dev/null | while IFS= read -r old; do
      rm -f "$old/agent"
      rmdir "$old" 2>/dev/null
    done
    folder=$(mktemp -d "$run/xenferry-agent.XXXXXX") || { echo "failed folder"; exit 1; }
    chown "$1" "$folder" || { rmdir "$folder"; echo "failed folder"; exit 1; }
    echo "at $folder"
    ;;
  try)
    mine=$(mktemp -d) || { echo "failed folder"; exit 1; }
    trap 'rm -rf "$mine"' EXIT
    cat >"$mine/known_hosts"
    said=$(timeout 60 ssh -F /dev/null -T -x -a -p "$3" -l "$4" -o "IdentityAgent=$1" -o IdentityFile=none -o BatchMode=yes \
      -o PreferredAuthentications=publickey -o UserKnownHostsFile="$mine/known_hosts" -o GlobalKnownHostsFile=/dev/null \
      -o StrictHostKeyChecking=yes -o HostKeyAlias=xenferry-target -o CheckHostIP=no -o UpdateHostKeys=no -o ConnectTimeout=20 \
      -o LogLevel=ERROR "$2" "$5" 2>"$mine/errors" </dev/null)
    how=$?
    if [ $how -ne 0 ] || [ "$said" != xenferry ]; then
      why=$(tail -n 1 "$mine/errors")
      why=${why:-$(printf '%s\n' "$said" | tail -n 1)}
      echo "failed login ${why:-exit $how}"
      exit 1
    fi
    ;;
  end)
    case $1 in "$run"/xenferry-agent.*/agent) rm -f "$1" && rmdir "${1%/*}" 2>/dev/null ;; esac
    ;;
esac
echo ok
