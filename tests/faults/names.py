"""Names that lead elsewhere later: a machine's own list of hosts, for one process and those it starts. Needs root."""

from dataclasses import dataclass
from pathlib import Path

from tests.faults.machine import needs_root

ETC = Path("/etc/hosts")


@dataclass(frozen=True)
class Names:
    """A list of hosts besides the machine's own, in `file`."""

    file: Path

    def lead(self, name: str, address: str) -> None:
        """In place: who has it mounted sees it at once."""
        self.file.write_text(f"{ETC.read_text()}\n{address} {name}\n")

    def known_to(self, command: list[str]) -> list[str]:
        """The command, started where this list stands in place of the machine's."""
        needs_root(("unshare", "--mount", "true"))
        return ["unshare", "--mount", "sh", "-c", f'mount --bind {self.file} {ETC} && exec "$@"', "sh", *command]
