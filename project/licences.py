"""What every package that runs is licensed under; `python -m project.licences` writes docs/licences.md anew."""

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from typing import NamedTuple

from project.environment import BASE_DIR

PAGE = BASE_DIR / "docs/licences.md"
LOCK = BASE_DIR / "requirements/base.lock"
HEAD = """# Licences

What runs, and what it is licensed under, as each package says of itself (`make licences` writes this anew). All of it
may be used in a system under the MIT licence; psycopg, under the LGPL, is used as a library and not changed. The pages'
packages are in `frontend/package-lock.json`. What only builds or tests is not part of what runs.

| package | licence |
|---|---|
"""
CLASSIFIED = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")


class Licence(NamedTuple):
    package: str
    words: str


def found() -> Iterator[Licence]:
    """Of each package of the lock that is installed here: some are for other platforms."""
    for name in re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK.read_text(), re.MULTILINE):
        try:
            metadata = distribution(name).metadata
        except PackageNotFoundError:
            continue
        classified = [match[1] for one in metadata.get_all("Classifier") or [] if (match := CLASSIFIED.match(one))]
        about = metadata.json
        stated = str(about.get("license") or "").strip().splitlines()
        words = str(about.get("license_expression") or "; ".join(classified) or (stated[0] if stated else ""))
        yield Licence(name, words)


def page() -> str:
    return HEAD + "".join(f"| {one.package} | {one.words} |\n" for one in found())


if __name__ == "__main__":
    PAGE.write_text(page())
