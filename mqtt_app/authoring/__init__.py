"""Parsers without code, as people make and try them."""
