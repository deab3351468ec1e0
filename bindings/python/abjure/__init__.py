# SPDX-License-Identifier: MIT
"""Give up system calls for good.

    import abjure
    abjure.deny("@exec", "@listen")

From that line on no thread of this process, and nothing that it starts, can execute a program or open a port.
There is no way back. A failure to load is an exception, always. Importing the package changes nothing.
"""

import warnings

with warnings.catch_warnings():
    # SWIG makes types without a __module__. Python 3.12 and later warns of that, and where warnings are errors SWIG's
    # start-up code goes on without the type and crashes.
    warnings.simplefilter("ignore", DeprecationWarning)
    from . import _core

from ._errors import Error, LoadError
from ._filter import Filter, Verdict, deny
from ._place import Record, Support, explain, group, groups, status, supported, tables_version, version
from ._program import Program
from ._text import argument, value

__all__ = ["Error", "Filter", "LoadError", "Program", "Record", "Support", "Verdict", "argument", "deny", "explain",
           "group", "groups", "status", "supported", "tables_version", "value", "version"]

__version__ = version()
