#!/bin/bash
# A fleet node's user data: its settings, then the programs as the template has them, so that a change of either rolls the
# fleet.
@settings@
mkdir -p "/opt/$NAME"
cd "/opt/$NAME" || exit
base64 -d <<<'@aws@' | gunzip >aws
chmod 755 aws
./aws unpack >boot <<<'@boot@@revision@'
# shellcheck source=/dev/null  # checked by itself
. ./boot
