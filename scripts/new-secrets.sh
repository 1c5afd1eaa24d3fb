#!/bin/sh
# Prints fresh secrets for compose.yaml:  (umask 077; scripts/new-secrets.sh > .env)
set -eu
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
echo "POSTGRES_PASSWORD=$(secret)"
echo "REDIS_PASSWORD=$(secret)"
echo "LEGATION_SECRET_KEY=$(secret)"
