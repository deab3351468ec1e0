// SPDX-License-Identifier: MIT

// bench MODE: `call` prints the nanoseconds of one cheap call into the core, `deny` those until a filter is in force;
// `load` denies and ends. The mode `plain`, the runtime without the binding, is the program beside this one: a linked
// library would load in any mode.
package main

import (
	"abjure"
	"fmt"
	"log"
	"os"
	"sort"
	"time"
)

const batches, batch = 15, 20000

func call() {
	var times []float64
	for i := 0; i < batches; i++ {
		start := time.Now()
		for j := 0; j < batch; j++ {
			if n, err := abjure.Argument("x86_64", "socket", "family"); n != 0 || err != nil {
				log.Fatal(n, err)
			}
		}
		times = append(times, float64(time.Since(start).Nanoseconds())/batch)
	}
	sort.Float64s(times)
	fmt.Printf("%.0f\n", times[batches/2])
}

func deny() {
	start := time.Now()
	if err := abjure.Deny("@exec", "@spawn", "@listen"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(time.Since(start).Nanoseconds())
}

func main() {
	mode := ""
	if len(os.Args) == 2 {
		mode = os.Args[1]
	}
	switch mode {
	case "call":
		call()
	case "deny":
		deny()
	case "load":
		if err := abjure.Deny("@exec", "@spawn", "@listen"); err != nil {
			log.Fatal(err)
		}
	default:
		log.Fatal("usage: bench call|deny|load")
	}
}
