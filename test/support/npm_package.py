"""Packages from npm that tests hold us to. They are fetched when a test runs, kept in build/npm, and never committed."""
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "npm"


def fetch(name: str, version: str) -> pathlib.Path:
    """The folder of the installed package. Install scripts do not run."""
    home = CACHE / f"{name.replace('/', '_')}-{version}"
    folder = home / "node_modules" / name
    done = home / "complete"
    if done.exists():
        return folder
    if shutil.which("npm") is None:
        sys.exit("npm is needed to fetch test material: install the packages nodejs and npm")
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_text("{}\n")
    subprocess.run(
        ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--silent",
         f"{name}@{version}"],
        cwd=home, check=True)
    done.touch()
    return folder
