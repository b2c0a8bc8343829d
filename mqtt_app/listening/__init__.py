"""Holding connections: the process that owns every message until its fate is committed."""
