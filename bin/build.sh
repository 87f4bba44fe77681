#!/bin/sh
# Compiles the app to build/app. The CDK command line runs this before each
# synthesis (the "build" entry of cdk.json), from any directory.
# A missing or outdated Node or Go is one line each on standard error and exit
# code 1; then nothing is compiled. Quiet when all is well.
set -eu

case $0 in
*/*) CDPATH='' cd -- "${0%/*}/.." ;;
*) cd .. ;;
esac

# fault NEED FOUND SITE: one line on what is wrong and how to mend it.
fault() {
	printf 'kora: needs %s or newer, found %s: install it from %s, then run this again\n' \
		"$1" "${2:-none}" "$3" >&2
	faults=1
}

# node_ok VERSION: v20.0.0 or newer.
node_ok() {
	major=${1#v}
	major=${major%%[!0-9]*}
	[ "${major:-0}" -ge 20 ]
}

# go_ok VERSION: go1.25.0 or newer. go.mod's line asks for 1.25.0, which a
# release candidate of 1.25 is older than.
go_ok() {
	minor=${1#go1.}
	case $minor in
	25.*) return 0 ;;
	esac
	minor=${minor%%[!0-9]*}
	[ "${minor:-0}" -gt 25 ]
}

faults=
node=$(node --version 2>/dev/null) || node=
node_ok "$node" || fault 'Node 20' "$node" nodejs.org

# GOTOOLCHAIN=local asks for the version that is installed: by default an older
# Go would download a newer one just to answer.
go=$(GOTOOLCHAIN=local go version 2>/dev/null) || go=
go=${go#go version }
go=${go#devel }
go=${go%% *}
go_ok "$go" || fault 'Go 1.25' "$go" go.dev/dl

[ -z "$faults" ] || exit 1

if [ -t 2 ] && [ ! -e build/app ]; then
	echo 'kora: compiling the app (about a minute the first time)' >&2
fi
exec go build -o build/app ./bin/app
