// SPDX-License-Identifier: MIT

// Starts and ends the runtime, without the binding.
package main

func main() {}
