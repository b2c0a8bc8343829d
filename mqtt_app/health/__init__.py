"""Whether the system itself is well."""
