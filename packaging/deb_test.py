"""Tests of deb.py: the package holds what Cargo.toml lists for cargo-deb, where it says, with the modes that it says."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import deb
import release

# Any program of this machine: what matters is that it is one, with libraries.
BINARY = shutil.which("ls")


def listed(package):
    """Modes and paths of the files in a package."""
    lines = subprocess.run(["dpkg-deb", "--contents", package], stdout=subprocess.PIPE, check=True, text=True).stdout
    fields = [line.split() for line in lines.splitlines()]
    return {(words[0], words[1], words[-1].removeprefix("./")) for words in fields if words[0].startswith("-")}


@unittest.skipUnless(shutil.which("dpkg-shlibdeps"), "no dpkg-dev here")
class Package(unittest.TestCase):
    def test_it_holds_what_cargo_deb_is_told_to_put_in(self):
        assets = release.package()["metadata"]["deb"]["assets"]
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            shutil.copy(release.ROOT / "Cargo.toml", root)
            sources = [source for source, _, _ in assets] + ["packaging/NOTICE", "target/stage/changelog.Debian"]
            for source in sources:
                (root / source).parent.mkdir(parents=True, exist_ok=True)
                (root / source).write_text(source)
            with mock.patch.object(release, "ROOT", root), mock.patch.object(release.package, "__defaults__", (root,)):
                package = deb.build(BINARY, root / "out")
            expected = {"usr/share/doc/fitbit-hr/copyright": "644", "usr/share/doc/fitbit-hr/changelog.Debian.gz": "644"}
            for source, place, mode in assets:
                path = place + source.rsplit("/", 1)[-1] if place.endswith("/") else place
                expected[path + ".gz" if "/man/" in path else path] = mode
            modes = {"644": "-rw-r--r--", "755": "-rwxr-xr-x"}
            self.assertEqual(listed(package), {(modes[mode], "root/root", path) for path, mode in expected.items()})
            control = subprocess.run(["dpkg-deb", "--field", package], stdout=subprocess.PIPE, check=True, text=True).stdout
            self.assertRegex(control, r"\nDepends: .*libc6 \(>= 2\.")
            self.assertIn(f"\nVersion: {release.package()['version']}-1\n", control)
            extracted = root / "extracted"
            subprocess.run(["dpkg-deb", "--extract", package, extracted], check=True)
            self.assertEqual((extracted / "usr/bin/fitbit-hr").read_bytes(), Path(BINARY).read_bytes())


if __name__ == "__main__":
    unittest.main()
