"""Composition: how the parts become one system."""

from project.celery import app as celery_app

__all__ = ["celery_app"]
