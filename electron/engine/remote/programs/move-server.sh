#!/bin/sh
# move-server   how another host reaches this one's sshd, and how it knows that it is this one
# Answers: port N · permit VALUE (PermitRootLogin) · keys FILE (root's authorized_keys) · key TYPE BLOB · address IP · ok
set -u
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
settings=$(sshd -T 2>/dev/null) || settings=
[ -n "$settings" ] || settings='port 22
permitrootlogin unknown
authorizedkeysfile .ssh/authorized_keys'
home=$(getent passwd root 2>/dev/null | cut -d: -f6)
[ -n "$home" ] || home=/root
printf '%s\n' "$settings" | while read -r word first _; do
  case $word in
    port) echo "port $first" ;;
    permitrootlogin) echo "permit $first" ;;
    authorizedkeysfile)
      first=$(printf '%s\n' "$first" | sed "s|%h|$home|g;s|%u|root|g;s|%%|%|g")
      case $first in /* | none) ;; *) first=$home/$first ;; esac
      echo "keys $first"
      ;;
    hostkey) [ -r "$first.pub" ] && read -r type blob _ <"$first.pub" && echo "key $type $blob" ;;
  esac
done
case $settings in
  *hostkey*) ;;
  *) for file in /etc/ssh/ssh_host_*_key.pub; do [ -r "$file" ] && read -r type blob _ <"$file" && echo "key $type $blob"; done ;;
esac
ip -o addr show scope global 2>/dev/null | while read -r _ _ family address _; do
  case $family in inet | inet6) echo "address ${address%%/*}" ;; esac
done
echo ok
