#!/bin/bash
# shellcheck disable=SC2016,SC2094  # the inner shells and node expand it; boot is written, and then read
#
# What Systems Manager runs on an adopted server for each revision, in /opt/$NAME, where aws is by then. Its user data was not
# ours, so that this does what a born server's does; the first time it looks before it touches anything, since all that serves
# there was set up by hand. Above stand NAME and REGION.
set -euo pipefail
export NAME REGION RUN=revision
mkdir -p "/etc/$NAME"
./aws ssm GetParameter "Name=/$NAME/server" >server
# shellcheck source=/dev/null  # assignments only
. ./server

refuse() {
  echo "$NAME: the first revision is refused, and nothing was touched: $*" >&2
  exit 1
}
# As the app's user in its directory, with nvm's Node where there is one.
as() {
  runuser -u "$APP_USER" -- env -i HOME="$(getent passwd "$APP_USER" | cut -d: -f6)" PATH="$PATH" PM2_DISCRETE_MODE=true bash -c '
    cd "$1" || exit; shift; if [ -s ~/.nvm/nvm.sh ]; then . ~/.nvm/nvm.sh; fi; "$@"' as "$APP_DIRECTORY" "$@"
}
look() {
  local code top at why
  code=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://127.0.0.1:$PORT$HEALTH_PATH") || true
  [ "$code" = 200 ] || refuse "$HEALTH_PATH on port $PORT answers ${code/000/nothing}, not 200"
  top=$(as git rev-parse --show-toplevel 2>&1) || refuse "$APP_DIRECTORY: $top"
  # Asked for its list where no daemon runs, pm2 would start one.
  as bash -c 'kill -0 "$(cat ~/.pm2/pm2.pid)"' 2>/dev/null || refuse "no pm2 of $APP_USER runs"
  # An app of another name would be started beside the one that serves.
  why=$(as node -e 'const at = process.cwd() + "/ecosystem.config.", file = at + (require("fs").existsSync(at + "js") ? "js" : "cjs")
const names = (apps) => [...new Set([].concat(apps).map((a) => a.name))].sort().join(", ")
const said = String(require("child_process").execSync("pm2 jlist")), runs = names(JSON.parse(said.slice(said.indexOf("["))))
const own = names(require(file).apps)
if (own !== runs) throw Error("pm2 runs " + runs + ", and " + file + " has " + own)' 2>&1) || refuse "$(grep -m 1 Error: <<<"$why" || echo "$why")"
  # A checkout is readable to its owner alone.
  while read -r at; do
    [[ $at/ != "$top"/* ]] || refuse "nginx serves $at, which is in $top"
  done < <(nginx -T 2>/dev/null | sed -nE 's/^\s*(root|alias)\s+"?([^";]+)"?;.*/\2/p')
}
[ -e "/etc/$NAME/adopted" ] || look

# Two lines of boot are a born server's alone: what cloud-init is to run again after a power cut is its own user data, and pm2's unit
# would start a second daemon beside one that was started by hand.
for half in boot revision; do
  ./aws ssm GetParameter "Name=/$NAME/$half"
done | ./aws unpack | sed -e '/instance\/scripts\/part-001/d' -e 's/^if has pm2 /if false /' >boot
export KIND=server RESOURCE=Server STACK=
# shellcheck source=/dev/null  # which is boot.sh
(. ./boot)
touch "/etc/$NAME/adopted"
