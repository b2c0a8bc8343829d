"""Celery's doorways: each task decodes, calls one function, and ends."""
