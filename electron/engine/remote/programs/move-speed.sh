#!/bin/sh
# move-speed out BYTES | in   how fast bytes go between this host and the desktop: its clock counts, we only give or take
#   out   answers "bytes BASE64" of so many bytes that nothing on the way can make smaller, and ok
#   in    reads standard input to its end, and answers ok
set -u
case $1 in
  out)
    printf 'bytes '
    head -c "$2" /dev/urandom | base64 | tr -d '\n'
    echo
    ;;
  in) cat >/dev/null ;;
  *) echo "failed input"; exit 1 ;;
esac
echo ok
