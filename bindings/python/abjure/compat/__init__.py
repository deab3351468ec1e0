# SPDX-License-Identifier: MIT
"""The interfaces of other libraries over abjure."""
