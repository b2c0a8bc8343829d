"""What is running here, in one word: a browser that finds another one knows that it should load again."""

import hashlib
import tomllib
from pathlib import Path

from project.environment import BASE_DIR

MANIFEST = ".vite/manifest.json"


def name(dist: Path = BASE_DIR / "frontend/dist") -> str:
    """The version, and a few characters that change with the built front end."""
    version: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    try:
        built = hashlib.sha256((dist / MANIFEST).read_bytes()).hexdigest()[:8]
    except OSError:
        return version
    return f"{version}+{built}"
