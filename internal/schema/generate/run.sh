#!/bin/sh
# Writes facts.json anew from the pinned package, which "go generate ./internal/schema" runs. Needs npm; leaves nothing else.
set -eu
version=0.1.216 # the package is data; each version is a later state of AWS's published schemas
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm install --silent --no-audit --no-fund --prefix "$folder" "@aws-cdk/aws-service-spec@$version"
NODE_PATH="$folder/node_modules" node generate/extract.cjs "$version" types.txt >"$folder/facts.json"
mv "$folder/facts.json" facts.json
