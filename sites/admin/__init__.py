"""The admin for what stands in the field, and for people."""

from sites.admin import field, people

__all__ = ["field", "people"]
