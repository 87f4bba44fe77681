#!/bin/bash
# shellcheck disable=SC2016,SC2034  # the inner shells expand it, revision.sh uses it
#
# Brings this machine to what its settings say, whatever state it is in: software, app, revision, proxy. It runs at the
# first boot (cloud-init) and, on a server, for every new revision (Systems Manager); run again, it changes nothing.
#
# Above stand NAME, REGION, KIND (server or node), STACK and RESOURCE, the logical id to signal; a node's settings too. A
# server fetches its own. RUN=revision says that no signal is waited for. The app itself is the business of revision.sh.
set -Eeuo pipefail
umask 022
export NAME REGION
# Where Node comes from, and what of it: the current LTS line, "Krypton" (nodejs.org, "Releases"). Settings may say otherwise.
: "${NODE_ARCHIVE:=https://nodejs.org/dist}" "${NODE_VERSION:=v24.21.0}" "${PM2_VERSION:=6.0.14}" "${PROXY_OPTIONS:=}"
: "${REDIS_HOST:=}" "${REDIS_PORT:=}" "${REDIS_TLS:=}" "${REPOSITORY_DIRECTORY:=}" "${GIT_CREDENTIALS:=}" "${BUILD_COMMAND:=}"
home="/opt/$NAME" etc="/etc/$NAME" log="/var/log/$NAME/boot.log" again="/var/lib/cloud/scripts/per-boot/$NAME"
aws() { "$home/aws" "$@"; }
mkdir -p "$home" "$etc" "/var/log/$NAME"
exec 3>&1 >>"$log" 2>&1

# What happens is said twice: in the log, which the CloudWatch agent ships, and to whoever runs this.
say() {
  echo "$(date -u +%FT%TZ) +${SECONDS}s $NAME: $*"
  echo "$NAME: $*" >&3
}
step() {
  current="$*" cause=
  say "$current"
  since=$(wc -c <"$log")
}

# What failed in its own words: those that it wrote since the step began.
words() {
  : "${cause:=$(tail -c "+$((since + 1))" "$log" | grep -v " $NAME: " | brief)}"
  echo "${cause:-$command}"
}
# The last of what a program says, but for traces of its calls, and for what unshare says of a child that was killed.
brief() { grep -vE '^(    |$|unshare: sig)' | tail -n 20; }
finish() {
  status=$? outcome=SUCCESS
  trap - EXIT
  set +e
  id=$(aws metadata instance-id)
  [ "$status" = 0 ] || cause=$(words; app_errors)
  clean
  if [ "$status" != 0 ]; then
    outcome=FAILURE
    say "failed to: $current: $cause
see $log"
    # Nothing else ships the log of a machine that goes before the CloudWatch agent has come.
    to=("logGroupName=${LOGS:-}" "logStreamName=$id/failure")
    aws logs CreateLogStream "${to[@]}"
    aws logs PutLogEvents "${to[@]}" "logEvents=$(tail -n 60 "$log")"
  else
    say "serves ${wanted:-its image}"
  fi
  [ -n "${RUN:-}" ] || aws cloudformation SignalResource "StackName=$STACK" "LogicalResourceId=$RESOURCE" "UniqueId=$id" "Status=$outcome"
  rm -f "$again" "$etc/git-credentials"
  exit "$status"
}
clean() { :; }
app_errors() { :; }
trap finish EXIT
trap 'command=$BASH_COMMAND' ERR
trap 'cause=stopped; exit 143' TERM INT HUP

step 'wait for another run to end'
exec 9>"/run/$NAME.lock"
cause='it has gone on for an hour'
flock -w 3600 9
# cloud-init runs user data once, what stands here at each boot: after a power cut this runs again (cc_scripts_per_boot).
[ ! -L "$again" ] || cut=yes
ln -sf /var/lib/cloud/instance/scripts/part-001 "$again"

if [ "$KIND" = server ]; then
  step 'read the settings'
  aws ssm GetParameter "Name=/$NAME/server" >"$home/server"
  # shellcheck source=/dev/null  # assignments only
  . "$home/server"
fi
id "$APP_USER"
user_home=$(getent passwd "$APP_USER" | cut -d: -f6)
deadline=$((SECONDS + GRACE))

# Secrets stand in no file but the app user's own, not for a moment.
step 'write the environment'
own=$(aws ssm GetParametersByPath "Path=/$NAME/env" WithDecryption=true)
{
  printf '%s\n' "$own"
  printf '%s=%q\n' PORT "$PORT" NODE_ENV production UPLOADS_BUCKET "$UPLOADS_BUCKET" \
    REDIS_HOST "$REDIS_HOST" REDIS_PORT "$REDIS_PORT" REDIS_TLS "$REDIS_TLS"
} | install -m 400 -o "$APP_USER" /dev/stdin "$etc/env"

# Runs a command as the app's user in a directory, with the app's environment and nvm's Node where there is one. The
# command sees neither our log's descriptors nor our lock: pm2's daemon would keep them. What stands in "within" goes
# before it: revision.sh works in a namespace.
within=()
in_dir() {
  "${within[@]}" runuser -u "$APP_USER" -- env -i HOME="$user_home" USER="$APP_USER" PATH="$PATH" PM2_DISABLE_VERSION_CHECK=true PM2_DISCRETE_MODE=true bash -c '
    umask 077; cd "$2" || exit; set -a; . "$1"; set +a; shift 2
    if [ -s ~/.nvm/nvm.sh ]; then . ~/.nvm/nvm.sh; fi
    exec "$@"' app "$etc/env" "$@" 3>&- 9>&-
}
in_app() { in_dir "$APP_DIRECTORY" "$@"; }
has() { in_dir / bash -c 'command -v "$1"' has "$1" >/dev/null; }
# A balancer takes 200 for healthy and nothing else, no redirect either.
healthy() {
  answer=$(curl -s -o /dev/null -m 5 -w '%{http_code}' "http://127.0.0.1:$1$HEALTH_PATH") || true
  cause="$HEALTH_PATH answers ${answer/000/nothing}, not 200"
  [ "$answer" = 200 ] && cause=
}
listening() { [ -n "$(ss -Hltn "sport = :$1")" ]; }
# Until a command succeeds, or time is up: a server's own, or for a node what the fleet gives it for all of its boot.
wait_until() {
  end=$deadline
  [ "$KIND" = node ] || end=$((SECONDS + GRACE))
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 1
  done
}

# apt waits for dpkg's lock by itself, not for that of the lists, and goes on from no power cut.
install_packages() {
  export DEBIAN_FRONTEND=noninteractive
  dpkg --force-confold --configure -a || true
  wait_until apt-get -qq update
  apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold install -y --no-install-recommends "$@"
}

# npm install needs more than a t2.micro has.
if [ -z "$(swapon --noheadings --show)" ]; then
  step 'add 1 GB of swap'
  { fallocate -l 1G /swapfile && chmod 600 /swapfile && mkswap -q /swapfile && swapon /swapfile &&
    echo '/swapfile none swap sw 0 0' >>/etc/fstab; } || { rm -f /swapfile; say 'no swap could be added'; }
fi

if [ -n "$GIT_REPOSITORY" ] && ! command -v git >/dev/null; then
  step 'install git'
  install_packages git
fi
if [ -n "$GIT_REPOSITORY" ] && ! in_dir / npm -v; then
  step "install Node $NODE_VERSION"
  file="node-$NODE_VERSION-linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/').tar.xz"
  work=$(mktemp -d)
  curl -fsSL --retry 3 -o "$work/$file" "$NODE_ARCHIVE/$NODE_VERSION/$file"
  curl -fsSL --retry 3 -o "$work/sums" "$NODE_ARCHIVE/$NODE_VERSION/SHASUMS256.txt"
  (cd "$work" && sha256sum -c --quiet --ignore-missing sums)
  tar -xJf "$work/$file" -C /usr/local --strip-components=1 --no-same-owner
  rm -r "$work"
fi
if [ -n "$GIT_REPOSITORY" ] && ! has pm2; then
  step "install pm2 $PM2_VERSION"
  npm install -g --no-audit --no-fund "pm2@$PM2_VERSION" 9>&- 3>&-
fi
# systemd starts pm2 after a reboot, and now, so that the app is nobody's child but its own unit's.
if has pm2 && ! systemctl -q is-enabled "pm2-$APP_USER"; then
  step 'start pm2 with the machine'
  pm2=$(in_dir / bash -c 'command -v pm2')
  env HOME=/root PATH="${pm2%/*}:$PATH" "$pm2" startup systemd -u "$APP_USER" --hp "$user_home" 9>&- 3>&-
fi

# The proxy serves users of a fresh server. What an image already runs on its ports is left alone.
if [ "$KIND" = server ] && [ -n "$GIT_REPOSITORY" ] && { command -v caddy >/dev/null || ! { listening 80 || listening 443; }; }; then
  step 'set the proxy up'
  aws unpack >"$home/proxy" <<<"$PROXY"
  # shellcheck source=/dev/null  # checked by itself
  . "$home/proxy"
fi

# shellcheck source=/dev/null  # checked by itself
. "$home/revision"

# On its own health alone a roll would end old nodes while the balancer still calls this one initial.
in_service() {
  cause=$(aws elasticloadbalancing DescribeTargetHealth "TargetGroupArn=$TARGET_GROUP" "Targets.member.1.Id=$id" | sed 's/<[^>]*>/ /g' | tr -s ' \n' ' ')
  [[ $cause = *' healthy '* ]]
}
if [ "$KIND" = node ]; then
  step 'wait for the balancer to call this node healthy'
  id=$(aws metadata instance-id)
  wait_until in_service
fi
step 'done'
