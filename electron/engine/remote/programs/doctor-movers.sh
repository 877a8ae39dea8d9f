#!/bin/sh
# movers   for the doctor's programs: what moves or saves a guest on this host now, "receive|send PID PARENT GROUP" a line
# xl that migrates, saves or receives, and the helper that carries a guest's memory for whoever else does (libvirt, xl restore).
# xl stays as a guest's monitor after it came, and has /dev/null for its input then; one that receives it has the stream there.
movers() {
  for proc in "${XENFERRY_PROC:-/proc}"/[0-9]*; do
    read -r comm 2>/dev/null <"$proc/comm" || continue
    case $comm in xl | libxl-save-help) ;; *) continue ;; esac # a name is cut to 15 letters there
    words=" $(tr '\0' ' ' 2>/dev/null <"$proc/cmdline") "
    read -r stat 2>/dev/null <"$proc/stat" || continue
    # shellcheck disable=SC2086 # the fields of /proc/PID/stat after the name: parent and process group
    set -- ${stat##*) }
    case $comm$words in
      xl*' migrate-receive '*) [ "$(readlink "$proc/fd/0")" != /dev/null ] && way=receive || continue ;;
      xl*' migrate '* | xl*' save '* | xl*' remus '*) way=send ;;
      xl*) continue ;;
      *)
        # an xl that is told already
        case " $(tr '\0' ' ' 2>/dev/null <"${XENFERRY_PROC:-/proc}/$2/cmdline") " in
          *' migrate-receive '* | *' migrate '* | *' save '* | *' remus '*) continue ;;
        esac
        case $words in *' --restore-domain '*) way=receive ;; *) way=send ;; esac
        ;;
    esac
    echo "$way ${proc##*/} $2 $3"
  done
}
