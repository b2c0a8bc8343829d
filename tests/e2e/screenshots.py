"""Takes the README's pictures from the running fleet: `python -m tests.e2e.screenshots`, or `make screenshots`."""

import tempfile
import time
from pathlib import Path

from tests.e2e.stage import perform, standing
from tests.embedded import REPOSITORY

PICTURES = REPOSITORY / "docs/images"
ACT_S = 75  # until the fleet's story has begun, and rates are of whole minutes


def main() -> None:
    with standing() as system, tempfile.TemporaryDirectory() as folder:
        time.sleep(ACT_S)
        perform("screenshots", system | {"pictures": str(PICTURES)}, Path(folder))
    for path in sorted(PICTURES.glob("*.webp")):
        print(f"{path.relative_to(REPOSITORY)}  {path.stat().st_size // 1000} kB")  # noqa: T201


if __name__ == "__main__":
    main()
