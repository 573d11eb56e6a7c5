#!/usr/bin/env bash
# The images localhost/fitbit-hr and localhost/fitbit-hr:scheduled from a release binary: image.sh BINARY
# By buildah, podman or docker, whichever there is; nothing is pulled. A static binary (musl) is copied alone, another one with the
# libraries that it wants. For the second image a static busybox must be installed (on Debian: busybox-static).
set -euo pipefail
binary=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT

root=$context/root
mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$context/owned/data" "$context/owned/state" "$context/owned/tmp" "$context/scheduled/bin"
install -m 755 "$binary" "$root/usr/bin/fitbit-hr"
install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
echo 'fitbit-hr:x:10001:10001::/state:/nonexistent' > "$root/etc/passwd"
install -D -m 644 "$here/NOTICE" "$root/usr/share/doc/fitbit-hr/copyright"
if ldd "$binary" > "$context/libraries" 2>/dev/null; then
  grep -o '/[^ ]*' "$context/libraries" | while read -r library; do install -D -m 755 "$library" "$root$library"; done
fi
install -D -m 644 "$here/image/every-day.sh" "$context/scheduled/usr/lib/fitbit-hr/every-day.sh"
busybox=$(command -v busybox || true)
if [ -n "$busybox" ] && ! ldd "$busybox" >/dev/null 2>&1; then
  install -m 755 "$busybox" "$context/scheduled/bin/busybox"
  for name in sh date sleep touch wget; do ln -s busybox "$context/scheduled/bin/$name"; done
fi

# Docker's format: the other one has no place for a health check.
build() {
  if command -v buildah >/dev/null; then
    buildah ${BUILDAH_OPTIONS:-} build --format docker --pull=never -f "$here/Containerfile" "$@" "$context"
  elif command -v podman >/dev/null; then
    podman build --format docker --pull=never -f "$here/Containerfile" "$@" "$context"
  else
    docker build -f "$here/Containerfile" "$@" "$context"
  fi
}
build --target fitbit-hr -t localhost/fitbit-hr
if [ -e "$context/scheduled/bin/busybox" ]; then
  build --target scheduled -t localhost/fitbit-hr:scheduled
else
  echo "no static busybox here: localhost/fitbit-hr:scheduled was not made" >&2
fi
