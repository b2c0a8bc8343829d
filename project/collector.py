"""Python's garbage collector, spared what a process has loaded: it would look through all of it again and again."""

import gc
from typing import Any

YOUNG = 50_000
"""Objects made before the collector looks at them. A batch makes some ten thousand that all live until its end, and
nearly none in circles: at Python's 700 it looks through them again and again, and finds nothing."""


def settle(**_: Any) -> None:
    """Leave what is there by now out of every later collection; to be called when a process begins its work.

    A batch of messages makes so many objects at once that each second or third has the oldest ones looked through, and
    nearly all of those are modules, models and schemas that never go.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
