#!/usr/bin/env python3
"""A Debian package as cargo-deb makes it, for machines where cargo-deb is not installed: from the same table of Cargo.toml.

    deb.py BINARY FOLDER     the architecture is the binary's; the files of `stage.py files` must stand in target/stage

Wants dpkg-deb and dpkg-shlibdeps. Standard library only.
"""

import gzip
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

import release

# What the machine field of an ELF header says.
ARCHITECTURES = {62: "amd64", 183: "arm64"}


def placed(assets):
    """Sources and their places in the package: a place that ends in a slash is a folder."""
    for source, place, mode in assets:
        yield source, place + Path(source).name if place.endswith("/") else place, int(mode, 8)


def architecture(binary):
    """Debian's word for the machine that a binary is for."""
    return ARCHITECTURES[int.from_bytes(Path(binary).read_bytes()[18:20], "little")]


def libraries(binary):
    """The packages that have the libraries which the binary wants, in the versions that it wants."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "debian").mkdir()
        (Path(folder) / "debian/control").write_text("Source: x\n\nPackage: x\nArchitecture: any\n")
        words = ["dpkg-shlibdeps", "--ignore-missing-info", "-O", str(Path(binary).resolve())]
        run = subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, text=True)
    return run.stdout.strip().removeprefix("shlibs:Depends=")


def put(root, place, content, mode=0o644):
    """Writes a file of the package; manual pages and changelogs are compressed, as Debian's policy wants."""
    if place.startswith("usr/share/man/"):
        place, content = place + ".gz", gzip.compress(content, mtime=0)
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def control(about, fields):
    """The control file: what the package is called, wants and is."""
    deb = about["metadata"]["deb"]
    lines = {
        "Package": about["name"],
        "Version": f"{about['version']}-1",
        "Architecture": fields["architecture"],
        "Section": deb["section"],
        "Priority": deb["priority"],
        "Maintainer": deb["maintainer"],
        "Installed-Size": str(fields["size"]),
        "Depends": deb["depends"].replace("$auto", fields["libraries"]),
        "Recommends": deb["recommends"],
        "Suggests": deb["suggests"],
        "Homepage": about["homepage"],
        "Description": about["description"],
    }
    described = "".join(f" {line}\n" for line in deb["extended-description"].splitlines())
    return "".join(f"{name}: {value}\n" for name, value in lines.items()) + described


def build(binary, folder):
    """Builds the package and returns its path."""
    about = release.package()
    deb = about["metadata"]["deb"]
    documents = f"usr/share/doc/{about['name']}"
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        root.chmod(0o755)
        for source, where, mode in placed(deb["assets"]):
            path = Path(binary) if source == "target/release/fitbit-hr" else release.ROOT / source
            put(root, where, path.read_bytes(), mode)
        put(root, f"{documents}/copyright", (release.ROOT / deb["license-file"][0]).read_bytes())
        changelog = (release.ROOT / deb["changelog"]).read_bytes()
        put(root, f"{documents}/changelog.Debian.gz", gzip.compress(changelog, mtime=0))
        files = sorted(path for path in root.rglob("*") if path.is_file())
        sums = "".join(f"{hashlib.md5(path.read_bytes()).hexdigest()}  {path.relative_to(root)}\n" for path in files)
        fields = {"architecture": architecture(binary), "libraries": libraries(binary)}
        fields["size"] = sum(path.stat().st_size for path in files) // 1024
        put(root, "DEBIAN/control", control(about, fields).encode())
        put(root, "DEBIAN/md5sums", sums.encode())
        for path in root.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        Path(folder).mkdir(parents=True, exist_ok=True)
        package = Path(folder) / f"{about['name']}_{about['version']}-1_{fields['architecture']}.deb"
        subprocess.run(["dpkg-deb", "--root-owner-group", "--build", place, str(package)], check=True, stdout=subprocess.DEVNULL)
    return package


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip())
    print(build(sys.argv[1], sys.argv[2]))
