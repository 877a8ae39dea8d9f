#!/bin/sh
# start FILE [UUID NAME [SEEN DISK]…]   the work of a job: starts the guest of a config file. What xl and the guest's device model say goes
# to the log. Beside images that other hosts see too a lease says that it runs here (see lease, which lies in the job's folder).
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
file=$1
if [ $# -ge 5 ]; then
  shift
  name=$2
  sh ./lease take "$@" || exit
fi
xl create "$file"
how=$?
if [ -e leases ]; then
  if [ $how -eq 0 ]; then sh ./lease run "$(xl domid "$name" 2>/dev/null || echo -)"; else sh ./lease give; fi
fi
exit $how
