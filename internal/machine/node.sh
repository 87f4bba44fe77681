#!/bin/bash
# A fleet node's user data: its settings, then the programs as the template has them, so that a change of either rolls the
# fleet.
@settings@
mkdir -p "/opt/$NAME"
base64 -d <<<'@aws@' | gunzip >"/opt/$NAME/aws"
chmod 755 "/opt/$NAME/aws"
"/opt/$NAME/aws" unpack >"/opt/$NAME/boot" <<<'@boot@@revision@'
# shellcheck source=/dev/null  # checked by itself
. "/opt/$NAME/boot"
