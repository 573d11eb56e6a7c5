"""Tests of release.py: `python3 -m unittest discover packaging '*_test.py'`."""

import json
import tomllib
import unittest

import release

ABOUT = {
    "name": "fitbit-hr",
    "version": "1.2.3",
    "description": "Says what it is",
    "license": "MIT",
    "homepage": "https://example.org/home",
    "repository": "https://example.org/people/project",
}
CHANGELOG = """# Changelog

## [Unreleased]

- not yet

## [1.2.3] - 2026-11-27

### Added

- a thing

## [1.2.30] - 2026-01-02

- another

[1.2.3]: https://example.org/compare
"""
SUMS = {release.archive(ABOUT, target): f"{number:064x}" for number, target in enumerate(release.TARGETS.values(), 0xA0)}


class Notes(unittest.TestCase):
    def test_a_section_is_taken_without_heading_and_neighbours(self):
        self.assertEqual(release.section(CHANGELOG, "1.2.3"), "### Added\n\n- a thing\n")
        self.assertEqual(release.section(CHANGELOG, "1.2.30"), "- another\n")

    def test_a_version_that_the_changelog_does_not_tell_of_is_refused(self):
        for changelog in ["", CHANGELOG.replace(" - 2026-11-27", ""), "## [1.2.3] - 2026-11-27\n\n## [1.2.2] - 2026-01-01\n- x\n"]:
            with self.assertRaises(release.Refused):
                release.section(changelog, "1.2.3")

    def test_the_dot_of_a_version_is_a_dot(self):
        with self.assertRaises(release.Refused):
            release.section("## [1x2.3] - 2026-11-27\n- x\n", "1.2.3")

    def test_a_tag_is_the_version(self):
        here = ABOUT["repository"]
        release.check("v1.2.3", here, CHANGELOG, ABOUT)
        for tag, address in [("1.2.3", here), ("v1.2.30", here), ("v1.2.3-rc1", here), ("v1.2.3", here + "-fork")]:
            with self.assertRaises(release.Refused):
                release.check(tag, address, CHANGELOG, ABOUT)

    def test_our_own_changelog_has_the_section_that_is_released_next(self):
        text = (release.ROOT / "CHANGELOG.md").read_text()
        version = release.package()["version"]
        dated = text.replace("## [Unreleased]", f"## [{version}] - 2026-11-27", 1)
        self.assertIn("### Added", release.section(dated, version))


class Manifests(unittest.TestCase):
    def setUp(self):
        self.files = release.manifests(ABOUT, SUMS)

    def test_every_archive_is_named_with_its_own_checksum(self):
        lines = self.files["homebrew/fitbit-hr.rb"].splitlines()
        found = {}
        for url, sha256 in zip(lines, lines[1:]):
            if url.strip().startswith("url "):
                found[url.split('"')[1].rsplit("/", 1)[1]] = sha256.split('"')[1]
        self.assertEqual(found, {name: sums for name, sums in SUMS.items() if name.endswith(".tar.gz")})
        self.assertEqual(len(found), 4)

    def test_an_architecture_gets_its_own_archive(self):
        formula = self.files["homebrew/fitbit-hr.rb"]
        blocks = [("on_macos", "apple-darwin"), ("on_linux", "linux-musl")]
        for (block, system), end in zip(blocks, ["on_linux", "def install"]):
            part = formula.split(block)[1].split(end)[0]
            arm, intel = part.split("on_intel")
            self.assertIn(f"aarch64-{'unknown-' if 'linux' in system else ''}{system}.tar.gz", arm)
            self.assertIn(f"x86_64-{'unknown-' if 'linux' in system else ''}{system}.tar.gz", intel)

    def test_scoop_unpacks_the_folder_that_the_archive_has(self):
        manifest = json.loads(self.files["scoop/fitbit-hr.json"])
        windows = manifest["architecture"]["64bit"]
        name = "fitbit-hr-1.2.3-x86_64-pc-windows-msvc"
        self.assertEqual(windows["url"], f"https://example.org/people/project/releases/download/v1.2.3/{name}.zip")
        self.assertEqual((windows["extract_dir"], windows["hash"]), (name, SUMS[f"{name}.zip"]))
        later = manifest["autoupdate"]["architecture"]["64bit"]
        self.assertEqual(later["url"].replace("$version", "1.2.3"), windows["url"])
        self.assertEqual(later["extract_dir"].replace("$version", "1.2.3"), name)

    def test_winget_has_three_files_of_one_package(self):
        texts = {name: text for name, text in self.files.items() if name.startswith("winget/")}
        self.assertEqual(len(texts), 3)
        for name, text in texts.items():
            self.assertTrue(name.startswith("winget/people.fitbit-hr"), name)
            self.assertIn("PackageIdentifier: people.fitbit-hr\nPackageVersion: 1.2.3\n", text)
        installer = texts["winget/people.fitbit-hr.installer.yaml"]
        self.assertIn(f"InstallerSha256: {SUMS['fitbit-hr-1.2.3-x86_64-pc-windows-msvc.zip'].upper()}\n", installer)

    def test_no_value_is_left_open(self):
        for name, text in self.files.items():
            self.assertNotIn("@{", text, name)

    def test_a_missing_archive_is_refused(self):
        for name in SUMS:
            with self.assertRaisesRegex(release.Refused, name):
                release.manifests(ABOUT, {other: SUMS[other] for other in SUMS if other != name})

    def test_checksums_are_read_as_sha256sum_writes_them(self):
        text = f"{'a' * 64}  one.zip\n{'b' * 64} *two.zip\n"
        self.assertEqual(release.checksums(text), {"one.zip": "a" * 64, "two.zip": "b" * 64})
        with self.assertRaises(release.Refused):
            release.checksums("one.zip\n")


class Names(unittest.TestCase):
    """The archives that a release has, cargo-binstall looks for and the manifests name are the same."""

    def test_binstall_looks_for_the_archives_of_a_release(self):
        with open(release.ROOT / "Cargo.toml", "rb") as file:
            about = tomllib.load(file)["package"]
        binstall = about["metadata"]["binstall"]
        known = {"repo": about["repository"], "name": about["name"], "version": about["version"], "bin": about["name"]}
        for target in release.TARGETS.values():
            windows = "windows" in target
            form = binstall["overrides"][target]["pkg-fmt"] if windows else binstall["pkg-fmt"]
            known |= {"target": target, "archive-suffix": {"zip": ".zip", "tgz": ".tar.gz"}[form]}
            known["binary-ext"] = ".exe" if windows else ""
            url, inside = binstall["pkg-url"], binstall["bin-dir"]
            for key, value in known.items():
                url, inside = (text.replace(f"{{ {key} }}", value) for text in (url, inside))
            name = release.archive(about, target)
            self.assertEqual(url, f"{about['repository']}/releases/download/v{about['version']}/{name}")
            folder = name.removesuffix(".zip").removesuffix(".tar.gz")
            self.assertEqual(inside, f"{folder}/fitbit-hr{known['binary-ext']}")

    def test_the_workflow_builds_every_archive(self):
        workflow = (release.ROOT / ".github/workflows/release.yml").read_text()
        for target in release.TARGETS.values():
            self.assertIn(f"target: {target}", workflow)


if __name__ == "__main__":
    unittest.main()
