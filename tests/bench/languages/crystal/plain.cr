# SPDX-License-Identifier: MIT
# The runtime alone: starts and ends.
