#!/usr/bin/env python3
"""What a release needs besides its binaries: the text, and the manifests by which package managers find them.

    release.py check TAG ADDRESS      the tag, Cargo.toml and the changelog mean the same version, of this repository
    release.py notes                  the changelog's section of this version
    release.py manifests SUMS FOLDER  Homebrew's formula, scoop's manifest and winget's three, from the checksums

The version, the names and the addresses come from Cargo.toml. Standard library only.
"""

import json
import re
import string
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).resolve().parent / "templates"

# Where the archives of a release are for; each has a folder of its own name inside.
TARGETS = {
    "linux_arm": "aarch64-unknown-linux-musl",
    "linux_intel": "x86_64-unknown-linux-musl",
    "mac_arm": "aarch64-apple-darwin",
    "mac_intel": "x86_64-apple-darwin",
    "windows": "x86_64-pc-windows-msvc",
}


class Refused(Exception):
    """The release cannot be made, and why."""


def package(root=ROOT):
    """The [package] table of Cargo.toml."""
    with open(root / "Cargo.toml", "rb") as file:
        return tomllib.load(file)["package"]


def section(changelog, version):
    """The text under `## [version] - date` of a changelog in the form of Keep a Changelog, without its heading."""
    heading = re.compile(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", re.MULTILINE)
    start = heading.search(changelog)
    if not start:
        raise Refused(f"CHANGELOG.md has no section `## [{version}] - YYYY-MM-DD`")
    rest = changelog[start.end():]
    end = re.search(r"^(?:## |\[[^\]]+\]: )", rest, re.MULTILINE)
    text = rest[: end.start() if end else None].strip()
    if not text:
        raise Refused(f"the section of {version} in CHANGELOG.md is empty")
    return text + "\n"


def check(tag, address, changelog, about):
    """Fails where Cargo.toml means another version or repository, or the changelog does not tell of it."""
    if address != about["repository"]:
        raise Refused(f"this repository is {address}, but Cargo.toml says {about['repository']}")
    if tag != f"v{about['version']}":
        raise Refused(f"the tag is {tag}, but the version in Cargo.toml is {about['version']}")
    section(changelog, about["version"])


def checksums(text):
    """File names and their SHA-256, from what sha256sum prints."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)
        if not match:
            raise Refused(f"not a line of sha256sum: {line}")
        found[match[2]] = match[1]
    return found


def archive(about, target):
    """The name of a target's archive."""
    suffix = "zip" if "windows" in target else "tar.gz"
    return f"{about['name']}-{about['version']}-{target}.{suffix}"


def values(about, sums):
    """What the templates name."""
    base = f"{about['repository']}/releases/download"
    owner = about["repository"].rstrip("/").split("/")[-2]
    known = {key: about[key] for key in ("name", "version", "description", "license", "homepage", "repository")}
    known |= {"owner": owner, "tag": f"v{about['version']}"}
    known["folder"] = archive(about, TARGETS["windows"]).removesuffix(".zip")
    known["autoupdate_url"] = f"{base}/v$version/{about['name']}-$version-{TARGETS['windows']}.zip"
    known["autoupdate_folder"] = f"{about['name']}-$version-{TARGETS['windows']}"
    for key, target in TARGETS.items():
        name = archive(about, target)
        if name not in sums:
            raise Refused(f"the checksums have no {name}")
        known[f"{key}_url"] = f"{base}/v{about['version']}/{name}"
        known[f"{key}_sha256"] = sums[name]
    known["windows_SHA256"] = known["windows_sha256"].upper()
    return known


class Template(string.Template):
    """`@{name}` stands for a value: `$` and `#{}` mean something in the files themselves."""

    delimiter = "@"


def manifests(about, sums):
    """Paths and texts of all manifests."""
    known = values(about, sums)
    files = {}
    for template in sorted(TEMPLATES.iterdir()):
        files[template.name] = Template(template.read_text()).substitute(known)
    json.loads(files["scoop.json"])
    identifier = f"{known['owner']}.{about['name']}"
    winget = {"version": "", "installer": ".installer", "locale": ".locale.en-US"}
    named = {f"homebrew/{about['name']}.rb": files["homebrew.rb"], f"scoop/{about['name']}.json": files["scoop.json"]}
    return named | {f"winget/{identifier}{end}.yaml": files[f"winget.{key}.yaml"] for key, end in winget.items()}


def main(words):
    about = package()
    match words:
        case ["check", tag, address]:
            check(tag, address, (ROOT / "CHANGELOG.md").read_text(), about)
        case ["notes"]:
            print(section((ROOT / "CHANGELOG.md").read_text(), about["version"]), end="")
        case ["manifests", sums, folder]:
            for name, text in manifests(about, checksums(Path(sums).read_text())).items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        case _:
            sys.exit(__doc__.strip())


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (Refused, OSError) as error:
        sys.exit(f"release.py: {error}")
