#!/bin/sh
# move-reach SECONDS KEYTYPE PORT ADDRESS...   which of these addresses answer as an SSH server, and with which key
# Answers: at ADDRESS TYPE BLOB · from ADDRESS SOURCE (our own address towards it) · ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
seconds=$1 type=$2 port=$3
shift 3
command -v ssh-keyscan >/dev/null 2>&1 || { echo "failed missing ssh-keyscan"; exit 1; }
ssh-keyscan -T "$seconds" -t "$type" -p "$port" "$@" 2>/dev/null | while read -r where kind blob _; do
  case $where in '#'*) continue ;; esac
  where=${where#\[}
  where=${where%\]:"$port"}
  echo "at $where $kind $blob"
  via=$(ip -o route get "$where" 2>/dev/null | sed -n 's/.* src \([^ ]*\).*/\1/p')
  [ -z "$via" ] || echo "from $where $via"
done
echo ok
