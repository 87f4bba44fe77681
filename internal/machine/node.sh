#!/bin/bash
# A fleet node's user data: its settings, then the programs as the template has them, so that a change of either rolls the
# fleet.
@settings@
mkdir -p "/opt/$NAME"
unpack() { base64 -d | gunzip >"/opt/$NAME/$1"; }
unpack aws <<<'@aws@'
unpack revision <<<'@revision@'
unpack boot <<<'@boot@'
chmod 755 "/opt/$NAME/aws"
# shellcheck source=/dev/null  # checked by itself
. "/opt/$NAME/boot"
