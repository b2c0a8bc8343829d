"""What the person at the terminal sees: one line per event of life, and while starting what is still awaited."""

import os
import sys
import time
from typing import TextIO

GREEN, YELLOW, RED, DIM, BOLD = "32", "33", "31", "2", "1"


class Console:
    """Colour and a transient line on a terminal; plain lines in a pipe, and wherever NO_COLOR is set."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out or sys.stdout
        self.is_terminal = self.out.isatty()
        self.is_coloured = self.is_terminal and not os.environ.get("NO_COLOR")
        self._transient = ""

    def paint(self, text: str, colour: str) -> str:
        return f"\033[{colour}m{text}\033[0m" if self.is_coloured else text

    def say(self, line: str = "") -> None:
        self._write(line + "\n")

    def done(self, what: str, seconds: float) -> None:
        self.say(f"  {self.paint('✓', GREEN)} {what:<34} {self.paint(f'{seconds:5.1f} s', DIM)}")

    def warn(self, line: str) -> None:
        self.say(f"  {self.paint('!', YELLOW)} {time.strftime('%H:%M:%S')} {line}")

    def fail(self, line: str) -> None:
        self.say(f"  {self.paint('✗', RED)} {line}")

    def awaiting(self, words: str) -> None:
        """Shows `words` until the next line; in a pipe nothing, because it would be there for ever."""
        if self.is_terminal and words != self._transient:
            self._write(self.paint(f"  … {words}"[: self._width()], DIM))
            self._transient = words

    def _width(self) -> int:
        try:
            columns = os.get_terminal_size(self.out.fileno()).columns
        except OSError:
            columns = 0
        return (columns or 80) - 1

    def _write(self, text: str) -> None:
        """A terminal that was closed stops nobody: the logs go on."""
        before, self._transient = ("\r\033[K" if self._transient else ""), ""
        try:
            self.out.write(before + text)
            self.out.flush()
        except UnicodeEncodeError:
            self.out.write(text.encode("ascii", "replace").decode())
        except (OSError, ValueError):
            self.is_terminal = False
