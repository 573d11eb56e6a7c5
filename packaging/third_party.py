#!/usr/bin/env python3
"""The licences of the crates that are linked into the binary, each text once: their authors ask that it goes with every copy.

Prints them. The crates are those of Cargo.lock that a build uses, on any system; the texts are those of their own packages, which
cargo must have downloaded (`cargo fetch`). Standard library only.
"""

import json
import re
import subprocess
from pathlib import Path

import release

LICENCE = re.compile(r"(LICEN[CS]E|COPYING|COPYRIGHT|NOTICE|UNLICENSE)", re.IGNORECASE)


def linked(metadata):
    """The packages that the program is built of, without those of tests."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    wanted, todo = set(), [metadata["resolve"]["root"]]
    while todo:
        identifier = todo.pop()
        if identifier in wanted:
            continue
        wanted.add(identifier)
        for dependency in nodes[identifier]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                todo.append(dependency["pkg"])
    wanted.remove(metadata["resolve"]["root"])
    return [package for package in metadata["packages"] if package["id"] in wanted]


def texts(package):
    """The licence files of a package, as they are."""
    folder = Path(package["manifest_path"]).parent
    found = [path for path in sorted(folder.iterdir()) if path.is_file() and LICENCE.match(path.name)]
    return [path.read_text(encoding="utf-8", errors="replace").strip() for path in found]


def joined(packages):
    """Every text once, under the names of those that it belongs to."""
    owners, bare = {}, []
    for package in sorted(packages, key=lambda package: (package["name"], package["version"])):
        name = f"{package['name']} {package['version']} ({package['license']})"
        found = texts(package)
        if not found:
            bare.append(f"{name}, {package['repository'] or 'no address'}")
        for text in found:
            owners.setdefault(" ".join(text.split()), (text, []))[1].append(name)
    parts = ["Licences of the crates that fitbit-hr is built of.", "Without a text of their own:\n" + "\n".join(bare)]
    parts += ["\n".join(names) + "\n\n" + text for text, names in owners.values()]
    return ("\n\n" + "-" * 78 + "\n\n").join(parts) + "\n"


def text():
    """The whole document."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--features", "s3"]
    run = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=release.ROOT)
    return joined(linked(json.loads(run.stdout)))


if __name__ == "__main__":
    print(text(), end="")
