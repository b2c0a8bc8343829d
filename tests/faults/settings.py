"""The product's settings, with one parser more."""

from project.settings import *  # noqa: F403
from project.settings import PARSERS as OURS

PARSERS = ("tests.faults.poison.Poison", *OURS)
