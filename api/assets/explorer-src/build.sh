#!/usr/bin/env bash
# Rebuilds api/assets/explorer from these sources; needs Node 20.11 or newer and npm.
set -euo pipefail
cd "$(dirname "$0")"
npm ci --no-audit --no-fund --loglevel=error
node build.mjs
cp index.html ../explorer/index.html
ls -l ../explorer
