# shellcheck shell=bash disable=SC2154,SC2016
# The app at the revision that the settings name: sourced by boot.sh, whose names it uses. Quoted programs are expanded by
# those who run them.

git_in() { in_dir "$1" env GIT_TERMINAL_PROMPT=0 GIT_ASKPASS="$home/askpass" git "${@:2}"; }
git_app() { git_in "$APP_DIRECTORY" "$@"; }

# The commit that GIT_REF means by what has been fetched: a branch as it is at the origin, a tag, or a commit.
resolve() {
  local name
  for name in "refs/remotes/origin/$GIT_REF" "refs/tags/$GIT_REF" "$GIT_REF"; do
    git_app rev-parse -q --verify "$name^{commit}" && return
  done
  return 1
}

fetch_revision() {
  step "fetch $GIT_REF"
  if [ -n "$GIT_CREDENTIALS" ]; then
    aws ssm GetParameter "Name=$GIT_CREDENTIALS" WithDecryption=true | install -m 400 -o "$APP_USER" /dev/stdin "$etc/git-credentials"
    # git asks for the name first, then for the password; neither stands in a command.
    printf '#!/bin/sh\ncase $1 in Username*) cut -d: -f1 ;; *) cut -d: -f2- ;; esac <"%s"\n' "$etc/git-credentials" >"$home/askpass"
    chmod 755 "$home/askpass"
  fi
  # Whatever a power cut left.
  [ -d "$APP_DIRECTORY/.git" ] || install -d -o "$APP_USER" "$APP_DIRECTORY"
  git_app init -q
  in_app sh -c 'rm -f .git/*.lock'
  [ -z "$GIT_REPOSITORY" ] || git_app config remote.origin.url "$GIT_REPOSITORY"
  git_app fetch -q --tags --force origin '+refs/heads/*:refs/remotes/origin/*'
  resolve >/dev/null || git_app fetch -q origin "$GIT_REF"
  step "find $GIT_REF"
  wanted=$(resolve)
}

# Where memory ends, the kernel is to end this and not what serves, of which it otherwise takes the largest when the first
# victim is not gone at once.
expendable() { in_dir "$1" choom -n 1000 -- "${@:2}"; }

install_dependencies() {
  step 'install the dependencies'
  local how=install
  [ ! -e "$1/package-lock.json" ] || how=ci
  expendable "$1" timeout 600 npm "$how" --omit=dev --no-audit --no-fund
}

# The revision that all of the app's processes run by their own environment; nothing when they differ or none is online.
running() {
  in_dir / pm2 jlist | python3 -c '
import json, sys
apps = json.loads([line for line in sys.stdin if line.startswith("[")][-1])
ids = {a["pm2_env"].get("REVISION", "unknown") if a["pm2_env"]["status"] == "online" else "" for a in apps}
print(ids.pop() if len(ids) == 1 else "")'
}
# pm2 waits for ever when its daemon dies under it, and says that all is well when the app crashed: it is asked afterwards.
start() {
  in_app env REVISION="$1" timeout 600 pm2 -s startOrReload "${2:-ecosystem.config.js}" --update-env && in_app pm2 -s save
}
serves() { healthy "$PORT" && [ "$(running)" = "$1" ]; }

# Nothing is lost by a start in place: nothing serves yet, or a node that no balancer has met.
start_in_place() {
  step "start $1"
  start "$1"
  step "answer $HEALTH_PATH"
  wait_until serves "$1"
}

# Writes for pm2 what the ecosystem in its working directory says, with changes to its apps.
ecosystem() {
  in_dir "$next" tee "$1.config.cjs" >/dev/null <<<"module.exports = {
    apps: [].concat(require(process.cwd() + '/ecosystem.config.js').apps)$2.map(a => ({ ...a, $3 })) }"
}

# A revision proves itself on a port of its own, before the one that serves is touched. Only the first app of the
# ecosystem is tried, by one start: with each that eats the memory, the kernel may end the wrong process. Callers ask how
# it ended, so that nothing here may count on errexit.
try_aside() {
  step "try $wanted"
  began=$SECONDS
  ecosystem trial '.slice(0, 1)' "instances: 1, autorestart: false, env: { ...a.env, PORT: $trial_port }, env_production: { ...a.env_production, PORT: $trial_port }" &&
    trial_pm2 start trial.config.cjs && wait_until healthy "$trial_port"
}
trial_pm2() { expendable "$next" env PM2_HOME="$next/.pm2" REVISION="$wanted" PORT="$trial_port" pm2 -s "$@"; }

# Puts a revision where the app is, with its dependencies, which takes milliseconds; the other's go aside.
put() {
  git_app checkout -q --detach "$1" && in_app mkdir -p node_modules "$next/node_modules" &&
    in_app mv node_modules "$next/was" && in_app mv "$next/node_modules" node_modules && in_app mv "$next/was" "$next/node_modules"
}

replace() {
  before=$(git_app rev-parse HEAD)
  next="$APP_DIRECTORY.next" trial_port=$((PORT + 1))
  while listening "$trial_port"; do trial_port=$((trial_port + 1)); done
  rm -rf "$next"
  git_app worktree prune
  install -d -o "$APP_USER" "$next"
  proven=yes
  { git_app worktree add -q --force --detach "$next" "$wanted" &&
    { [ ! -e "$APP_DIRECTORY/.env" ] || cp -p "$APP_DIRECTORY/.env" "$next/"; } &&
    install_dependencies "$next" && try_aside; } || proven=
  trial_pm2 kill || true
  if [ -n "$proven" ]; then
    step "reload as $wanted"
    put "$wanted"
    # After listen_timeout, 3 s unless the app says so, pm2 stops the process that serves, even if the new one does not
    # listen yet (pm2's Reload.js, hardReload). It is to wait for longer than the trial took.
    if ! { ecosystem reload '' "listen_timeout: Math.max(a.listen_timeout || 0, $(((SECONDS - began) * 2 + 10))000)" &&
      start "$wanted" "$next/reload.config.cjs" && wait_until serves "$wanted"; }; then
      proven=
      put "$before"
      start "$before"
    fi
  fi
  rm -rf "$next"
  git_app worktree prune
  [ -n "$proven" ]
}

if [ "$KIND" = node ] && has pm2; then
  step 'stop what the image started'
  in_dir / pm2 -s delete all || true
fi
if [ -n "$GIT_REF" ]; then
  step "look for $GIT_REF"
  # An image that holds the commit needs neither network nor npm. A branch may have moved on.
  if ! { [ -z "${cut:-}" ] && [[ "$GIT_REF" =~ ^[0-9a-f]{40}$ ]] && wanted=$(git_app rev-parse HEAD) && [ "$wanted" = "$GIT_REF" ] && [ -d "$APP_DIRECTORY/node_modules" ]; }; then
    fetch_revision
    if [ "$KIND" = server ] && healthy "$PORT"; then
      serves "$wanted" || replace
    else
      step "check $GIT_REF out"
      git_app checkout -q --force --detach "$wanted"
      install_dependencies "$APP_DIRECTORY"
    fi
  fi
  serves "$wanted" || start_in_place "$wanted"
elif [ "$KIND" = node ]; then
  start_in_place "$(git_app rev-parse HEAD || echo image)"
elif [ -n "$SERVES" ]; then
  step "answer $HEALTH_PATH"
  wait_until healthy "$PORT"
fi

