#!/bin/bash
# Boots a machine: brings the app up, looks at its health, and signals CloudFormation how it went.
# A server (KIND=server) reads its values from the parameter /$NAME/server; a fleet node has them in its user data.
set -Eeuo pipefail
exec >>"/var/log/$NAME/boot.log" 2>&1
export NAME REGION
aws="/opt/$NAME/aws"
step='read the settings'

finish() {
  status=$?
  [ "$status" = 0 ] && outcome=SUCCESS || outcome=FAILURE
  echo "$(date -u +%FT%TZ) boot: $outcome at step: $step"
  [ -z "$RESOURCE" ] || "$aws" cloudformation SignalResource "StackName=$STACK" "LogicalResourceId=$RESOURCE" \
    "UniqueId=$("$aws" metadata instance-id)" "Status=$outcome"
}

# RESOURCE stays empty until the settings name what to signal.
RESOURCE="${RESOURCE:-}" REDIS_HOST="${REDIS_HOST:-}" REDIS_PORT="${REDIS_PORT:-}" REDIS_TLS="${REDIS_TLS:-}"
trap finish EXIT

if [ "$KIND" = server ]; then
  "$aws" ssm GetParameter "Name=/$NAME/server" >"/opt/$NAME/server"
  # shellcheck source=/dev/null  # assignments only
  . "/opt/$NAME/server"
fi

step='read the app settings'
mkdir -p "/etc/$NAME"
{
  "$aws" ssm GetParametersByPath "Path=/$NAME/env" WithDecryption=true
  printf '%s=%q\n' PORT "$PORT" NODE_ENV production UPLOADS_BUCKET "$UPLOADS_BUCKET" \
    REDIS_HOST "$REDIS_HOST" REDIS_PORT "$REDIS_PORT" REDIS_TLS "$REDIS_TLS"
} | install -m 600 -o "$APP_USER" /dev/stdin "/etc/$NAME/env"

# Runs a command as the app's user, in its directory and with its settings.
as_app() {
  sudo -u "$APP_USER" -H bash -lc 'set -a; . "$1"; set +a; cd "$2"; shift 2; "$@"' app "/etc/$NAME/env" "$APP_DIRECTORY" "$@"
}

if [ -n "$GIT_REPOSITORY" ] && ! command -v node >/dev/null; then
  step='install node, pm2 and the proxy'
  export DEBIAN_FRONTEND=noninteractive
  apt-get -qq update
  apt-get -qq install -y git nodejs npm
  npm install --silent -g pm2
  if [ "$KIND" = server ]; then
    apt-get -qq install -y caddy
    printf '%s {\n  reverse_proxy 127.0.0.1:%s\n}\n' "${DOMAIN:-:80}" "$PORT" >/etc/caddy/Caddyfile
    systemctl reload caddy
  fi
fi

if [ -n "$GIT_REPOSITORY" ] && [ ! -d "$APP_DIRECTORY/.git" ]; then
  step='clone the repository'
  install -d -o "$APP_USER" "$APP_DIRECTORY"
  as_app git clone -q "$GIT_REPOSITORY" .
fi

if [ -n "$GIT_REF" ]; then
  step="check out $GIT_REF"
  as_app git fetch -q --tags origin "$GIT_REF"
  as_app git checkout -q --detach FETCH_HEAD
  step='install the dependencies'
  as_app npm install --omit=dev --no-audit --no-fund
fi

# A node restarts the app even when its image holds the revision: the image's own start knows nothing of the fleet's cache.
if [ -n "$GIT_REF" ] || [ "$KIND" = node ]; then
  step='restart the app'
  as_app pm2 startOrReload ecosystem.config.js --update-env
  as_app pm2 save
fi

if [ -n "$RESOURCE" ]; then
  step="answer $HEALTH_PATH"
  for _ in $(seq "$GRACE"); do
    sleep 1
    curl -fs -o /dev/null -m 5 "http://127.0.0.1:$PORT$HEALTH_PATH" && break
  done
  curl -fsS -o /dev/null -m 5 "http://127.0.0.1:$PORT$HEALTH_PATH"
fi

# On its own health alone a roll would end old nodes while the balancer still calls this one initial.
if [ "$KIND" = node ]; then
  step='wait for the balancer to call this node healthy'
  until "$aws" elasticloadbalancing DescribeTargetHealth "TargetGroupArn=$TARGET_GROUP" \
    "Targets.member.1.Id=$("$aws" metadata instance-id)" | grep -q '<State>healthy</State>'; do
    sleep 5
  done
fi
step='done'
