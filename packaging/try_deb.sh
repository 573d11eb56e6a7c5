#!/usr/bin/env bash
# Installs a package into a clean root and tries it there: try_deb.sh PACKAGE [--debian [SUITE]]
# The root holds the package and the libraries that it names; with --debian it is a fresh Debian by debootstrap, in which apt
# installs the package and man shows its page. Wants root's rights, for chroot. A package for another kind of machine is tried in
# a Debian of that kind, by qemu-user-static (and binfmt-support, where nothing has registered it).
set -euo pipefail
package=$(realpath "$1")
architecture=$(dpkg-deb --field "$package" Architecture)
if [ "$architecture" != "$(dpkg --print-architecture)" ]; then set -- "$1" --debian "${3:-bookworm}"; fi
root=$(mktemp -d)
trap 'umount "$root/proc" 2>/dev/null || true; rm -rf "$root"' EXIT
chmod 755 "$root"

inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }

if [ "${2:-}" = --debian ]; then
  debootstrap --arch="$architecture" --variant=minbase --include=man-db,ca-certificates "${3:-bookworm}" "$root" >/dev/null
  mount -t proc proc "$root/proc" 2>/dev/null || true
  cp "$package" "$root/root/package.deb"
  if [ -e /etc/apt/apt.conf ]; then cp /etc/apt/apt.conf "$root/etc/apt/"; fi
  inside apt-get install -y -qq --no-install-recommends /root/package.deb >/dev/null
  inside man fitbit-hr > "$root/root/page"
  grep -q '^NAME' "$root/root/page"
else
  dpkg -x "$package" "$root"
  mkdir -p "$root/root" "$root/tmp"
  ldd "$root/usr/bin/fitbit-hr" | grep -o '/[^ ]*' | while read -r library; do install -D "$library" "$root$library"; done
  gzip -dc "$root/usr/share/man/man1/fitbit-hr.1.gz" | grep -q '^\.TH fitbit-hr 1'
fi

inside /usr/bin/fitbit-hr --output-dir /root/tried --demo 2017-06-01
test -s "$root/root/tried/hr.json"
test "$(head -n 1 "$root/root/tried/hr.csv")" = day,time,hr
for file in bash-completion/completions/fitbit-hr zsh/vendor-completions/_fitbit-hr fish/vendor_completions.d/fitbit-hr.fish \
  doc/fitbit-hr/copyright doc/fitbit-hr/examples/keys.toml; do
  test -s "$root/usr/share/$file"
done
if command -v systemd-analyze >/dev/null; then
  # The units as a user's manager would read them, with the program where the package puts it.
  units=$root/root/units
  mkdir "$units"
  cp "$root"/usr/lib/systemd/user/fitbit-hr.* "$units"
  sed -i "s|=/usr/bin/|=$root/usr/bin/|; s|^Documentation=.*||" "$units/fitbit-hr.service" "$units/fitbit-hr.timer"
  HOME=/root XDG_RUNTIME_DIR=$root/tmp systemd-analyze --user --man=no verify "$units/fitbit-hr.timer"
fi
echo "$(basename "$package"): installed into a clean root, and tried there"
