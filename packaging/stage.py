#!/usr/bin/env python3
"""What goes beside the binary, and the archives of a release. The binary itself is run: it must be of this machine's kind.

    stage.py files BINARY FOLDER           manual page, completions, texts, and the changelog that Debian wants
    stage.py archive BINARY TARGET FOLDER  fitbit-hr-VERSION-TARGET.tar.gz (.zip for Windows) in FOLDER

Standard library only.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from email.utils import formatdate
from pathlib import Path

import release
import third_party

TEXTS = ["README.md", "CHANGELOG.md", "LICENSE", "packaging/NOTICE", "keys.example.toml"]
COMPLETIONS = {"bash": "fitbit-hr.bash", "zsh": "_fitbit-hr", "fish": "fitbit-hr.fish", "powershell": "_fitbit-hr.ps1"}


def printed(binary, *words):
    """What the program prints, as bytes; without anybody's settings."""
    with tempfile.TemporaryDirectory() as home:
        # Windows wants SYSTEMROOT to start anything.
        kept = {key: os.environ[key] for key in ("SYSTEMROOT", "PATH") if key in os.environ}
        run = subprocess.run([binary, *words], stdout=subprocess.PIPE, check=True, cwd=home, env=kept | {"HOME": home})
    return run.stdout


def debian_changelog(about, now):
    """The one entry that Debian's tools read: what changed stands in CHANGELOG.md."""
    maintainer = about["metadata"]["deb"]["maintainer"]
    return (
        f"{about['name']} ({about['version']}-1) unstable; urgency=medium\n\n"
        f"  * Release {about['version']}; what is new:\n"
        f"    {about['repository']}/blob/v{about['version']}/CHANGELOG.md\n\n"
        f" -- {maintainer}  {formatdate(now)}\n"
    )


def files(binary, folder):
    """Everything but the binary."""
    folder, about = Path(folder), release.package()
    (folder / "completions").mkdir(parents=True, exist_ok=True)
    binary = str(Path(binary).resolve())
    (folder / "fitbit-hr.1").write_bytes(printed(binary, "man"))
    for shell, name in COMPLETIONS.items():
        (folder / "completions" / name).write_bytes(printed(binary, "completions", shell))
    for text in TEXTS:
        shutil.copy(release.ROOT / text, folder)
    now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    (folder / "changelog.Debian").write_text(debian_changelog(about, now), newline="\n")
    (folder / "THIRD-PARTY-LICENSES").write_text(third_party.text(), encoding="utf-8", newline="\n")


def archive(binary, target, folder):
    """The archive of a target, with a folder of its own name inside."""
    name = release.archive(release.package(), target)
    form = "zip" if name.endswith(".zip") else "gztar"
    stem = name.removesuffix(".zip").removesuffix(".tar.gz")
    with tempfile.TemporaryDirectory() as root:
        inside = Path(root) / stem
        files(binary, inside)
        (inside / "changelog.Debian").unlink()
        shutil.copy(binary, inside)
        Path(folder).mkdir(parents=True, exist_ok=True)
        print(shutil.make_archive(Path(folder).resolve() / stem, form, root, stem))


def main(words):
    match words:
        case ["files", binary, folder]:
            files(binary, folder)
        case ["archive", binary, target, folder]:
            archive(binary, target, folder)
        case _:
            sys.exit(__doc__.strip())


if __name__ == "__main__":
    main(sys.argv[1:])
