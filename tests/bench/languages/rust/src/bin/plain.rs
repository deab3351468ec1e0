// SPDX-License-Identifier: MIT
//! Starts and ends, without the binding.

fn main() {}
