#!/bin/bash
# A fleet node's user data: its values, then the two scripts as they are in the template, so that a change of either
# rolls the fleet.
@settings@
mkdir -p "/opt/$NAME" "/var/log/$NAME"
cat >"/opt/$NAME/aws" <<'PYTHON'
@aws@
PYTHON
@boot@
