#!/bin/sh
# carry   xl's transport: what xl says goes to the target's receive program, what that answers comes back.
# It holds one thing back: the target's "ready" (everything has arrived; the guest stands still at both ends). Under the job's
# lock it becomes the point of no return, unless somebody cancelled, or the config was edited since it was copied.
set -u
cd "$(dirname "$0")" || exit 1
IFS= read -r address <address
read -r port <port
# `stop` is written before `cancel` is looked for, and job-cancel writes `cancel` before it looks for `stop`: none is missed
# shellcheck disable=SC2016 # expanded by the inner shell
sh -c 'read -r stat </proc/$$/stat; echo "$$ $(echo "${stat##*) }" | cut -d " " -f 20)" >stop; cp stop transport.new; mv transport.new transport; [ ! -e cancel ] || exit 1; exec "$@"' carry \
  ssh -F /dev/null -T -x -a -i key -p "$port" -l root \
  -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityAgent=none -o PreferredAuthentications=publickey \
  -o UserKnownHostsFile=known_hosts -o GlobalKnownHostsFile=/dev/null -o StrictHostKeyChecking=yes -o HostKeyAlias=xenferry-target \
  -o CheckHostIP=no -o UpdateHostKeys=no -o ConnectTimeout=20 -o ServerAliveInterval=20 -o ServerAliveCountMax=6 -o LogLevel=ERROR \
  "$address" xenferry-receive | {
  # the banner: "xl migration receiver ready, send binary domain data." and a newline; one byte at a time, not one too many
  dd bs=1 count=54 2>/dev/null
  echo moving >phase.new && mv phase.new phase
  # "domain received, ready to unpause", without a newline
  dd bs=1 count=33 of=ready 2>/dev/null
  if [ "$(wc -c <ready)" -eq 33 ]; then
    # shellcheck disable=SC2016 # expanded by the inner shell
    if flock lock sh -c '
      [ ! -e cancel ] || exit 1
      if [ -e where-config ] && IFS= read -r config <where-config; then
        cmp -s aside/config "$config" || { : >changed; echo "xenferry: $config was changed meanwhile"; exit 1; }
        : >committed
        sync -- committed . 2>/dev/null || sync
        rm -f "$config"
        sync -- "${config%/*}" 2>/dev/null || sync
      else
        : >committed
      fi' >&2; then
      cat ready
      exec cat
    fi
    read -r pid _ <stop
    kill "$pid"
  fi
}
