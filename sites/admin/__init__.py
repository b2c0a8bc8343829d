"""The admin for what stands in the field, and for people."""

from sites.admin import devices, field, people

__all__ = ["devices", "field", "people"]
