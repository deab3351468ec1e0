// SPDX-License-Identifier: MIT

// A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
//
//	server [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
//
// Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.
package main

import (
	"abjure"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
)

func list(w http.ResponseWriter, r *http.Request) {
	folder, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil || folder == "" {
		folder = "."
	}
	listing, err := exec.Command("/bin/sh", "-c", "/bin/ls -al "+folder).CombinedOutput()
	if _, ended := err.(*exec.ExitError); err != nil && !ended {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Write(listing)
}

func protect(complain bool) error {
	filter, err := abjure.NewFilter()
	if err != nil {
		return err
	}
	defer filter.Close()
	if complain {
		filter.Set("complain", "on")
	}
	filter.Deny("@exec", "@spawn", "@listen") // the server listens already: that goes on
	return filter.Load()                      // gives the error of any of these lines
}

func main() {
	strict := flag.Bool("s", false, "deny programs and new ports")
	complain := flag.Bool("l", false, "only log what would be denied")
	port := flag.Int("p", 8080, "the port on 127.0.0.1")
	flag.Parse()
	listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", *port))
	if err == nil && (*strict || *complain) {
		err = protect(*complain)
	}
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", list)
	http.HandleFunc("/hello", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	fmt.Fprintf(os.Stderr, "listening on port %d, process %d\n", *port, os.Getpid())
	log.Fatal(http.Serve(listener, nil))
}
