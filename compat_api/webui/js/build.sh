#!/bin/sh
# Build the scripts of the web pages. Arguments go to "npm ci", for example --omit=dev.
set -eu
cd "$(dirname "$0")"

if ! [ node_modules/.package-lock.json -nt package-lock.json ]; then
    sh npm.sh ci --ignore-scripts --no-audit --no-fund --loglevel=error \
        --fetch-retries=1 --fetch-timeout=20000 "$@"
fi
rm -rf ../../static/webui/build
sh npm.sh run --silent build:pages
sh npm.sh run --silent build:classic
