// SPDX-License-Identifier: MIT
//! A web server with a hole: it runs `ls -al` for each request, and passes the query to the shell.
//!
//!     server [-s | -l] [-p PORT]        -s: deny programs and new ports; -l: only log what would be denied
//!
//! Without -s, `curl 'localhost:8080/?.;id'` runs a program of the caller's choice.

use std::io::{BufRead, BufReader, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::{env, process, thread};

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte.unwrap_or(b'0')).to_digit(16).unwrap_or(0) as u8;
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next()) << 4 | digit(rest.next()),
            other => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn answer(mut stream: TcpStream) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
    while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
    let address = request.split(' ').nth(1).unwrap_or("/");
    let (path, query) = address.split_once('?').unwrap_or((address, "."));
    let (status, body) = if path == "/hello" {
        ("200 OK", b"hello\n".to_vec())
    } else {
        match Command::new("/bin/sh").arg("-c").arg(format!("/bin/ls -al {} 2>&1", decode(query))).output() {
            Ok(listing) => ("200 OK", listing.stdout),
            Err(error) => ("500 Internal Server Error", format!("{error}\n").into_bytes()),
        }
    };
    write!(stream, "HTTP/1.0 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n")?;
    write!(stream, "Content-Length: {}\r\n\r\n", body.len())?;
    stream.write_all(&body)
}

fn main() -> Result<()> {
    let options: Vec<String> = env::args().skip(1).collect();
    let port = options.iter().skip_while(|word| *word != "-p").nth(1).map_or("8080", String::as_str);
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))?;
    if options.iter().any(|word| word == "-l") {
        abjure::Filter::new()?.set("complain", "on")?.deny(&["@exec", "@spawn", "@listen"])?.load()?;
    } else if options.iter().any(|word| word == "-s") {
        abjure::deny(&["@exec", "@spawn", "@listen"])?; // the server listens already: that goes on
    }
    eprintln!("listening on port {port}, process {}", process::id());
    for stream in listener.incoming() {
        thread::spawn(|| stream.and_then(answer).unwrap_or_else(|error| eprintln!("{error}")));
    }
    Ok(())
}
