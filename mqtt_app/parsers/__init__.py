"""One file per message family: bytes in, a report out, no database."""
