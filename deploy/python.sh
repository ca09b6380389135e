# Finds a Python and makes .venv with it; sourced by ./run and ./test. Plain bash 3.2.

# Without compiled modules every start would take more than twice as long.
unset PYTHONDONTWRITEBYTECODE

fail() {
  echo "Tradingsite: $1" >&2
  exit 1
}

# Prints the first Python of 3.11 to 3.14 that can make a virtual environment.
find_python() {
  found=
  for candidate in python3.14 python3.13 python3.12 python3.11 python3; do
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
      >/dev/null 2>&1 || continue
    found=$candidate
    if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
      echo "$candidate"
      return
    fi
  done
  [ -z "$found" ] || fail "$found lacks venv/ensurepip: install it (Debian, Ubuntu: apt-get install $found-venv)."
  fail "Python 3.11, 3.12, 3.13 or 3.14 is needed and none was found on PATH."
}

# Makes $1/.venv unless there is one that works.
make_venv() {
  if "$1/.venv/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    return
  fi
  python=$(find_python) || exit 1
  rm -rf "$1/.venv"
  echo "Setting up for the first time with $("$python" --version); this takes a minute or two."
  "$python" -m venv "$1/.venv" || fail "$python could not make $1/.venv."
}
