#!/bin/sh
# Creates the user that runs the service. Nothing is enabled or started.
set -e
if ! getent group windlass >/dev/null; then
  groupadd --system windlass
fi
if ! getent passwd windlass >/dev/null; then
  useradd --system --gid windlass --home-dir /var/lib/windlass --no-create-home --shell /usr/sbin/nologin windlass
fi
install -d -o windlass -g windlass -m 0700 /var/lib/windlass
chown root:windlass /etc/windlass /etc/windlass/windlass.toml /etc/windlass/windlass.env
chmod 0750 /etc/windlass
chmod 0640 /etc/windlass/windlass.toml /etc/windlass/windlass.env
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart windlass.service
fi
