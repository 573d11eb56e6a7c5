#!/usr/bin/env bash
# A Debian package from a release binary: deb.sh BINARY FOLDER [STAGED]
# By cargo-deb where it is installed, else by deb.py from the same table of Cargo.toml. A binary of another kind of machine
# cannot be run to make its manual page and completions: STAGED is then a binary of the same version that can.
set -euo pipefail
binary=$(realpath "$1") out=$(mkdir -p "$2" && realpath "$2") staged=$(realpath "${3:-$1}")
cd "$(dirname "$0")/.."

python3 packaging/stage.py files "$staged" target/stage
if command -v cargo-deb >/dev/null && [ "$binary" = "$(realpath -m target/release/fitbit-hr)" ]; then
  cargo deb --quiet --no-build --no-strip --output "$out/"
else
  python3 packaging/deb.py "$binary" "$out" >/dev/null
fi
for package in "$out"/*.deb; do
  if command -v lintian >/dev/null; then lintian --fail-on error --tag-display-limit 0 "$package"; fi
  echo "$(stat -c %s "$binary") bytes of binary, $(stat -c %s "$package") bytes of package: $(basename "$package")"
done
