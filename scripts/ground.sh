# What every script stands on: a Python, the system's libraries. Sourced, from the project's root.

say() { printf '%s\n' "$*" >&2; }

# Prints the first Python that is recent enough, or says what to do.
find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
      "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$candidate"
      return 0
    fi
  done
  say "Python 3.11 or later is needed, as python3 (Debian 12, Ubuntu 24.04 or later have it)."
  say "Il faut Python 3.11 ou plus récent, sous le nom python3 (Debian 12, Ubuntu 24.04 ou plus récent l’ont)."
  return 1
}

# missing_packages PYTHON run|test: prints the Debian packages that are not there.
# Looks for the thing itself, not for the package: another system may have it otherwise.
missing_packages() {
  local python=$1 sort=$2
  "$python" - <<'PYTHON'
import ctypes, importlib.util

for library, package in (
    ("libpango-1.0.so.0", "libpango-1.0-0"),
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0-0"),
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset0"),
):
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
    print("python3-venv")
PYTHON
  if [ "$sort" = test ]; then
    command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 ||
      echo postgresql
    [ -x "${CHROMIUM:-}" ] || command -v chromium >/dev/null 2>&1 || echo chromium
    command -v pdftotext >/dev/null 2>&1 || echo poppler-utils
  fi
}

# need_packages PYTHON run|test: installs what is missing when root, else names the command and stops.
need_packages() {
  local packages
  packages=$(missing_packages "$1" "$2" | tr '\n' ' ')
  packages=${packages% }
  [ -n "$packages" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing / installation : $packages"
    # shellcheck disable=SC2086  # a list of packages
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive \
      apt-get install -q -y --no-install-recommends $packages; } >&2
    packages=$(missing_packages "$1" "$2" | tr '\n' ' ')
    [ -n "$packages" ] || return 0
  fi
  say "Missing on this machine. Install, then run the same command again:"
  say "Il manque sur cette machine. Installez, puis relancez la même commande :"
  say ""
  say "    sudo apt-get install ${packages% }"
  return 1
}
