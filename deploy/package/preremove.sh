#!/bin/sh
# Stops the service when the package is removed, but not when it is upgraded. The state
# in /var/lib/windlass stays.
set -e
case "$1" in
remove | 0)
  if [ -d /run/systemd/system ]; then
    systemctl disable --now windlass.service
  fi
  ;;
esac
