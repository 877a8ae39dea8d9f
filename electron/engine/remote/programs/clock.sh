# clock: says the time whenever it is told a line, until its standard input closes.
#
# One program for several questions: what is measured is the way there and back, not how long a login takes.
# shellcheck shell=sh
while read -r _; do
  date +%s.%N
done
