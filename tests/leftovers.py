"""Which processes belong to a folder: found by their command line, working directory or environment."""

from pathlib import Path

import psutil


def processes_of(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _belongs(process, str(folder))]


def _belongs(process: psutil.Process, folder: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        said = (*process.cmdline(), process.cwd(), *process.environ().values())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
    return any(folder in words for words in said)
