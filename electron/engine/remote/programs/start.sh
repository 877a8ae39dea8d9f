#!/bin/sh
# start FILE    the work of a job: starts the guest of a config file. What xl and the guest's device model say goes to the log.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
exec xl create "$1"
