#!/bin/bash
# A server's user data: the same bytes in every stage and for ever, since a change of them restarts the machine and does
# not run again. That holds for aws.py too, which stands in it. The machine is told its name and region, and fetches the
# rest from parameters below /$NAME/: now, and again for every revision.
export NAME=@name@ REGION=@region@
mkdir -p "/opt/$NAME"
cd "/opt/$NAME" || exit
base64 -d <<<'@aws@' | gunzip >aws
chmod 755 aws
cat >run <<'RUN'
set -o pipefail
cd "/opt/$NAME" || exit
for half in boot revision; do
  ./aws ssm GetParameter "Name=/$NAME/$half" || exit
done | ./aws unpack >boot || exit
# The stack's name is the backend's in PascalCase.
KIND=server RESOURCE=Server STACK=$(sed -E 's/(^|-)(.)/\U\2/g' <<<"$NAME")
. ./boot
RUN
bash run
