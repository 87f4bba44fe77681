# shellcheck shell=bash disable=SC2154,SC2016,SC2034
# The app at the revision that the settings name: sourced by boot.sh, whose names it uses. Quoted programs are expanded by
# those who run them; Python's indentation is tabs, since what travels has no other.

refuse() {
  cause=$*
  exit 1
}
git_top() { in_dir "$top" env GIT_TERMINAL_PROMPT=0 git -c credential.helper="!cat '$etc/git-credentials';:" "$@"; }

# Git says which repository the app is in, and that counts. Where there is none, the settings say where it will be.
find_repository() {
  step 'find the repository'
  at=$APP_DIRECTORY
  until [ -d "$at/" ]; do at=${at%/*}; done
  if top=$(in_dir "$at/" git rev-parse --show-toplevel 2>&1); then
    [ "$(realpath -m "${REPOSITORY_DIRECTORY:-$top}")" = "$top" ] || refuse "repositoryDirectory is not $top, where git has the app"
  elif [[ $top = *'not a git repository'* ]]; then
    top=$(realpath -m "${REPOSITORY_DIRECTORY:-$APP_DIRECTORY}")
  else
    refuse "$top
chown -R $APP_USER it"
  fi
  app=$(realpath -m --relative-to="$top" "$APP_DIRECTORY")
}

# The commit that GIT_REF means by what has been fetched: a branch as it is at the origin, a tag, or a commit.
resolve() {
  for name in "refs/remotes/origin/$GIT_REF" "refs/tags/$GIT_REF" "$GIT_REF"; do
    git_top rev-parse -q --verify "$name^{commit}" && return
  done
  return 1
}

fetch_revision() {
  step "fetch $GIT_REF"
  if [ -n "$GIT_CREDENTIALS" ]; then
    # As a credential helper says them to git: they stand in no command.
    aws ssm GetParameter "Name=$GIT_CREDENTIALS" WithDecryption=true | sed 's/^/username=/; s/:/\npassword=/' |
      install -m 400 -o "$APP_USER" /dev/stdin "$etc/git-credentials"
  fi
  # Whatever a power cut left.
  [ -d "$top" ] || install -d -o "$APP_USER" "$top"
  # Much of what people do on a server they do as root.
  cause=$(find "$top/.git" "$top/$app/node_modules" ! -user "$APP_USER" -print -quit 2>&-) || true
  [ -z "$cause" ] || refuse "$cause: chown -R $APP_USER it"
  git_top init -q
  in_dir "$top" sh -c 'rm -f .git/*.lock'
  [ -z "$GIT_REPOSITORY" ] || git_top config remote.origin.url "$GIT_REPOSITORY"
  git_top fetch -q --tags --force origin '+refs/heads/*:refs/remotes/origin/*' || refuse "$(words)
private by https: gitCredentialsParameter; by SSH: a key of $APP_USER"
  resolve >/dev/null || git_top fetch -q origin "$GIT_REF"
  wanted=$(resolve)
  unfit
}

# What this does not fetch or install is said before anything is touched.
unfit() {
  cause=$(git_top ls-tree -r "$wanted:${app#.}") || refuse "no folder $app"
  ! cause=$(grep ^160000 <<<"$cause") || refuse "not fetched: submodule $cause"
  ! cause=$(git_top grep -l '^version https://git-lfs' "$wanted" -- "$app") || refuse "not fetched: LFS $cause"
  cause=$(git_top ls-tree --name-only "$wanted" ./ "$app/")
  [[ $cause = *package-lock.json* || ! $cause =~ (yarn.lock|pnpm-lock.yaml) ]] || refuse "${BASH_REMATCH[0]}: npm installs here, commit package-lock.json"
}

# Of files, those that neither npm nor what it ran has written.
odd() { tr '\0' '\n' | grep -vE '(^|/)(node_modules/.*|package-lock.json|npm-shrinkwrap.json|yarn.lock|pnpm-lock.yaml)$' | grep -vxF -f "$etc/written" | sed 's/^/not as committed: /'; }
# The tracked files below a folder that are not as committed.
changed() { git_top diff --name-only -z HEAD -- "$1" | odd; }
# What a checkout would overwrite: also what stands where the commit has a file.
by_hand() { changed . || comm -z12 <(git_top ls-files -oz | sort -z) <(git_top ls-tree -rz --name-only "$wanted" | sort -z) | odd; }

# Makes the revision beside the app: a repository of its own, which for all that runs within stands where the app's is. So
# absolute paths lead to the new code, in an ecosystem as in what a build writes, and nothing that runs there outlives it.
# Where memory ends, the kernel is to end that and not what serves, of which it otherwise takes the largest when the first
# victim is not gone at once.
step_aside() {
  step "check $GIT_REF out beside the app"
  rm -rf "$next"
  install -d -o "$APP_USER" "$next" "$next/tree" "$next/live" "$next/pm2" "$user_home/.pm2"
  coproc BOX { exec unshare -mpf --mount-proc --kill-child bash -ec 'cd "$1"; mount --bind "$2" live; mount --bind tree "$2"
    mount --bind pm2 "$3"; echo; read -r' box "$next" "$top" "$user_home/.pm2" 3>&- 9>&-; }
  box=$BOX_PID
  read -r <&"${BOX[0]}"
  within=(nsenter -m -p -t "$(pgrep -P "$box")" choom -n 1000 --)
  git_top init -q
  git_top fetch -q --depth 1 --upload-pack 'git -c uploadpack.allowAnySHA1InWant=true upload-pack' "$next/live" "$wanted"
  git_top checkout -q --detach "$wanted"
  cp -an "$top/$app"/.env* "$next/tree/$app" || true
}
# Its first process takes all others with it, and ends when they have.
leave_aside() {
  [ -z "$box" ] || { pkill -9 -P "$box"; wait "$box"; } || true
  within=() box=
}
# However the run ends.
clean() {
  leave_aside
  rm -rf "$next"
}

# A node has what the fleet gives it for all of its boot, a server ten minutes for each command.
in_time() {
  local left=600
  [ "$KIND" = server ] || left=$((deadline > SECONDS ? deadline - SECONDS : 1))
  in_app timeout "$left" "$@"
}
# Scripts of the app's own may call husky, which has nothing to do where nobody commits.
npm_with() { PATH=$PATH:$home/none in_time npm "$@" --no-audit --no-fund; }
# Other scripts may need what is for development only, as a build does: a command that is not found ends npm with 127.
install_dependencies() {
  step 'install the dependencies'
  local how=install with=--omit=dev
  ! in_app test -e package-lock.json || how=ci
  [ -z "$BUILD_COMMAND" ] || with=--include=dev
  npm_with "$how" "$with" || { [ $? = 127 ] || exit 1; with=--include=dev; npm_with "$how" "$with"; }
  if [ -n "$BUILD_COMMAND" ]; then
    step "build by $BUILD_COMMAND"
    in_time bash -c "$BUILD_COMMAND"
  fi
  [ "$with" = --omit=dev ] || npm_with prune --omit=dev --ignore-scripts
  # What that wrote, but for the environment that it was lent; all modules of a folder as one.
  { git_top ls-files -oz; git_top diff --name-only -z HEAD; } | tr '\0' '\n' | sed -E 's,(^|/)node_modules/.*,\1node_modules,; /(^|\/)\.env[^/]*$/d' | sort -u >"$home/new"
  say "written: $(head -n 9 "$home/new" | tr '\n' ' ')"
  sort -u -o "$etc/written" "$home/new" "$etc/written"
}

# Exchanges what install and build have written, which goes from the app to one folder and comes from another, and checks a
# commit out in between. It takes milliseconds, in which the power may go: then pm2 is to start nothing of what stands there.
exchange() {
  rm -f "$user_home/.pm2/dump"*
  move "$top" "$next/$1"
  git_top checkout -q --force --detach "$3"
  note "$3"
  move "$next/$2" "$top"
}
move() {
  in_dir / python3 -c 'import os, shutil, sys
for name in sys.stdin.read().split("\n"):
	a, b = (folder + "/" + name for folder in sys.argv[1:])
	if name and os.path.lexists(a):
		os.makedirs(os.path.dirname(b), exist_ok=True)
		shutil.move(a, b)' "$1" "$2" <"$etc/written"
}
# When a commit was checked out, for what is asked later: by no clock, which may be set at any time.
note() { echo "$1 $(</proc/sys/kernel/random/boot_id) $(cut -d ' ' -f 1 /proc/uptime | tr -d .)" >"$etc/checkout"; }

# pm2 as told by the ecosystem in its working directory, as for --env production. In a trial, those of its apps that may take
# the port, once each. All of the environment is said: of an app that says some itself, a reload
# takes no other (pm2's Utility.js, extendExtraConfig).
printf %s 'const { TRIAL, WAIT, PORT } = process.env, at = process.cwd() + "/ecosystem.config."
const apps = [].concat(require(at + (require("fs").existsSync(at + "js") ? "js" : "cjs")).apps).map((a) => ({ ...a, port: void 0, env: { ...process.env, ...a.env, ...a.env_production },
listen_timeout: Math.max(a.listen_timeout || 0, WAIT || 0) || void 0 }))
exports.shape = apps.map((a) => [a.name, a.script, a.cwd, a.exec_mode]).join()
const mine = apps.filter((a) => a.env.PORT == PORT)
if (!mine[0]) throw Error("no app has PORT " + PORT)
exports.apps = TRIAL ? mine.map((a) => ({ ...a, instances: a.instances && 1, autorestart: false, env: { ...a.env, PORT: TRIAL } })) : apps' >"$home/app.config.cjs"
# pm2 waits for ever when its daemon dies under it, and says that all is well when the app crashed: serves is asked afterwards.
pm2_app() { tried=yes; in_app env REVISION="$wanted" "${@:2}" timeout 600 pm2 -m "$1" "$home/app.config.cjs" --update-env; }
shape() { in_app node -p "require('$home/app.config.cjs').shape"; }

# What answers on a port is proven from the machine: the processes that do are pm2's, were started since the checkout, and
# run what is in the repository. In cluster mode pm2's daemon has the socket: any of its workers may answer, which node's
# cluster module marks by a variable.
processes='import os, re, sys
port, app, top, since, home = sys.argv[1:]
pm2 = os.popen(f"cat {home}/.pm2/pm2.pid 2>&-").read()
read = lambda pid, name: open(f"/proc/{pid}/{name}", errors="replace").read()
stat = lambda pid, n: read(pid, "stat").rsplit(")", 1)[1].split()[n]
answer = []
for pid in re.findall(r"pid=(\d+)", port):
	up = pid
	while up not in ("0", pm2): up = stat(up, 1)
	if up == "0": sys.exit(f"process {pid} is not of pm2: " + " ".join(os.popen(f"ps -ho user,unit,args {pid}").read().split()))
	answer += [pid] if pid != pm2 else [p for p in os.popen("pgrep -P " + pm2).read().split() if "NODE_UNIQUE_ID" in read(p, "environ")]
for pid in answer:
	cwd = os.readlink(f"/proc/{pid}/cwd") + "/"
	code = re.search(r"(exec_path|args)\b[^\0\]}]*?[^\w.](/[^\0\",]+\.([cm]?[jt]s|sh|py))\b", read(pid, "environ").replace(top, ""))
	if code or not cwd.startswith(app): sys.exit(f"{code and code[2] or cwd} is not in {app}")
	if int(stat(pid, 19)) < int(since): sys.exit(f"process {pid} is older than the checkout")
sys.exit(not answer and "nothing listens")'
proven() {
  local since=0
  if [ "$wanted" != image ]; then
    [ "$(git_top rev-parse HEAD)" = "$wanted" ] && ! changed "$app" || return 1
    if [ -z "$box" ]; then
      read -r found boot ticks <"$etc/checkout" && [ "$found" = "$wanted" ] || return 1
      [ "$boot" != "$(</proc/sys/kernel/random/boot_id)" ] || since=$ticks
    fi
  fi
  answering "$1" "$since"
}
# One that ends meanwhile is no answer.
answering() {
  until said=$("${within[@]}" python3 -c "$processes" "$("${within[@]}" ss -Hltnp "sport = :$1")" "$(realpath -m "$APP_DIRECTORY")/" "$top/" "$2" "$user_home" 2>&1); do
    [[ $said = *Errno* ]] || { echo "$said"; return 1; }
  done
}
# Which of these holds last, if it does not, is what a failure is put down to.
# For a stranger to pm2 wait_until waits no longer.
serves() {
  at=$1
  if cause=$(proven "$1"); then healthy "$1"; return; fi
  [[ $cause != *'not of pm2'* ]] || end=0
  false
}
# What the app has written at last; and where nothing listens what it says when it is started by hand, since of what crashes in
# cluster mode pm2 loses the last words (pm2's ProcessContainer.js, whose log is not written yet at process.exit).
app_errors() {
  [[ -z ${tried:-} || $current = wait* ]] || in_app env TRIAL="$at" timeout 5 bash -c 'find ~/.pm2/logs -name "*error*" -newer "$1" -exec tail -qn 30 {} +
    [[ $2 != nothing* ]] || node -e "const [a] = require(process.argv[1]).apps
process.env = a.env
require(path.resolve(a.script))" "$1"' app "$home/app.config.cjs" "$cause" 2>&1 | brief
}

# A revision proves itself on a port of its own, before the one that serves is touched. It is started once: with each start
# that eats the memory, the kernel may end the wrong process.
try_aside() {
  step "try $wanted"
  trial=$((PORT + 1)) began=$SECONDS
  while listening "$trial"; do trial=$((trial + 1)); done
  pm2_app start TRIAL="$trial"
  wait_until serves "$trial"
}

# pm2 goes on with the names, scripts, folders and modes that it has: where these change, it has to end the app first. After
# listen_timeout, 3 s unless the app says so, it stops the process that serves, even if the new one does not listen yet
# (pm2's Reload.js, hardReload): it is to wait for longer than the trial took.
replace() {
  step "reload as $wanted"
  [ "$shape" = "$(shape)" ] || pm2_app delete
  exchange was tree "$wanted"
  if pm2_app startOrReload WAIT="$(((SECONDS - began) * 2 + 10))000" && wait_until serves "$PORT"; then return; fi
  why=$(words; app_errors) || true
  exchange tree was "$before"
  wanted=$before tried=
  pm2_app startOrReload && wait_until serves "$PORT" || why+="
nor does $before: $cause"
  in_app pm2 save
  cause=$why tried=
  exit 1
}

# What a commit is built to, no file of it tells: so what was built, and how, is noted.
built() { [ -z "$BUILD_COMMAND" ] || [ "$(<"$etc/built")" = "$(git_top rev-parse HEAD) $BUILD_COMMAND" ]; }

# Whoever else has a node's port came with its image: it is stopped for good with its unit, if someone wrote one on this kind of
# machine, or with its session. What another program starts at each boot (cron, Docker) would be back.
free_port() {
  while listening "$PORT"; do
    ! cause=$(answering "$PORT" 0) && [[ $cause = process* ]] || return 0
    say "$cause"
    read -r _ pid _ _ _ _ _ unit _ <<<"$cause"
    [[ $unit != snap.* && $unit$(systemctl show -p FragmentPath "$unit") =~ scopeF|=/etc ]] || refuse "$cause: take it out of the image"
    systemctl stop "$unit"
    systemctl disable "$unit" || true
    kill -9 "$pid" || true
  done
}

# Nothing is lost by a start in place: nothing serves yet, or a node that no balancer has met. What the image starts may come
# later than its first look at the port.
start_in_place() {
  step "start $wanted"
  pm2_app startOrReload
  step "answer $HEALTH_PATH"
  until wait_until serves "$PORT"; do
    [[ $KIND$cause = node*'not of pm2'* ]] || exit 1
    free_port
    pm2_app startOrReload
  done
}

# Another revision is made beside the app in any case, which is only then touched.
change() {
  before=$(git_top rev-parse -q --verify HEAD) || before=
  if [ "$KIND${cut:-}" = server ] && [ -n "$before" ]; then
    step 'look for changes made by hand'
    ! cause=$(by_hand) || exit 1
  fi
  live=
  if [ "$KIND" = server ] && listening "$PORT"; then
    step 'look who serves'
    cause=$(answering "$PORT" 0)
    ! healthy "$PORT" || live=yes
  fi
  next="$top.next"
  step_aside
  install_dependencies
  step 'read the ecosystem'
  shape=$(shape)
  if [ -n "$live" ]; then
    try_aside
    leave_aside
    replace
  else
    leave_aside
    exchange was tree "$wanted"
    start_in_place
  fi
}

box='' next='' top=$(realpath -m "$APP_DIRECTORY")
touch "$etc/written" "$etc/built"
mkdir -p "$home/none"
ln -sf /bin/true "$home/none/husky"
if [ "$KIND" = node ]; then
  step 'stop what the image started'
  in_dir / pm2 -s delete all || true
  free_port
fi
if [ -n "$GIT_REF" ]; then
  find_repository
  # An image that holds the commit needs neither network nor npm. A branch may have moved on.
  if [ "$KIND$GIT_REF${cut:-}" = "node$(git_top rev-parse HEAD)" ] && in_app test -d node_modules && built; then
    wanted=$GIT_REF
    note "$wanted"
    start_in_place
  else
    fetch_revision
    { [ -z "${cut:-}" ] && built && serves "$PORT"; } || change
  fi
elif [ "$KIND" = node ]; then
  # As it is; and if that is a commit, it is told.
  wanted=image
  if top=$(in_app git rev-parse --show-toplevel) && app=$(realpath --relative-to="$top" "$APP_DIRECTORY") && ! changed "$app"; then
    wanted=$(git_top rev-parse HEAD)
    note "$wanted"
  fi
  start_in_place
elif [ -n "$SERVES" ]; then
  step "answer $HEALTH_PATH"
  wait_until healthy "$PORT"
fi
step 'keep what runs'
[ -z "${wanted:-}" ] || in_app pm2 save
if [ -e "$home/new" ]; then
  mv "$home/new" "$etc/written"
  echo "$wanted $BUILD_COMMAND" >"$etc/built"
fi
