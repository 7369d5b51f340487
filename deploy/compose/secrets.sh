#!/bin/sh
# Makes the secrets of compose.yaml in ./secrets, unless they are there. Keep a copy of
# master_key: without it, access keys can't be read again.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
random() { od -An -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
[ -s secrets/postgres_password ] || random 24 >secrets/postgres_password
[ -s secrets/master_key ] || random 32 >secrets/master_key
[ -s secrets/grafana_password ] || random 12 >secrets/grafana_password
[ -s secrets/database ] ||
  printf 'postgres://windlass:%s@postgres:5432/windlass?sslmode=disable' "$(cat secrets/postgres_password)" >secrets/database
# The user of the image reads them.
if [ "$(id -u)" = 0 ]; then chown 65532 secrets/database secrets/master_key; else chmod 0644 secrets/database secrets/master_key; fi
