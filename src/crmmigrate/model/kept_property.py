"""A property that is worked out once for each object, without a lock.

Until Python 3.11 that of `functools` takes one lock for all objects of a class while it works: threads wait for each other although each has
objects of its own, and two of them, each in one such property and in need of the other, wait for ever. From 3.12 on it has none.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property as kept_property
else:

    class kept_property:  # noqa: N801  (as what it stands for)
        """Keeps what a method returns in the object, under the method's name."""

        def __init__(self, method: Any) -> None:
            self._method = method
            self._name = method.__name__
            self.__doc__ = method.__doc__

        def __get__(self, instance: Any, owner: Any = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self._name] = self._method(instance)
            return value


__all__ = ["kept_property"]
