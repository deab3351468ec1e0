// SPDX-License-Identifier: MIT
//! What a filter denies, tried with Rust's own means: matrix PORT FOLDER [CALLS...]

use std::env;
use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{exit, Command};
use std::sync::mpsc::channel;
use std::thread;

const NAMES: [(i32, &str); 6] =
    [(1, "EPERM"), (2, "ENOENT"), (11, "EAGAIN"), (13, "EACCES"), (38, "ENOSYS"), (97, "EAFNOSUPPORT")];

fn tell<T>(effect: &str, means: &str, result: io::Result<T>) {
    let text = match result {
        Ok(_) => "ok".to_string(),
        Err(error) => match NAMES.iter().find(|(number, _)| error.raw_os_error() == Some(*number)) {
            Some((_, name)) => name.to_string(),
            None => error.to_string(),
        },
    };
    println!("{effect}\t{means}\t{text}");
}

/// A command that makes the file whose existence proves that a program ran.
fn touch(folder: &str, means: &str) -> Command {
    let mut command = Command::new("/bin/touch");
    command.arg(Path::new(folder).join(means.replace([':', ' '], "")));
    command
}

fn shell(folder: &str, means: &str) -> Command {
    let mut command = Command::new("/bin/sh");
    let path = Path::new(folder).join(means.replace([':', ' '], ""));
    command.args(["-c", "/bin/touch \"$1\"", "sh"]).arg(path);
    command
}

/// With a closure to run in the child, std forks; without, it uses posix_spawn.
fn forked(folder: &str, means: &str) -> Command {
    let mut command = touch(folder, means);
    // SAFETY: the closure does nothing.
    unsafe { command.pre_exec(|| Ok(())) };
    command
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let [_, port, folder, calls @ ..] = words.as_slice() else {
        eprintln!("usage: matrix PORT FOLDER [CALLS...]");
        exit(2);
    };
    let (request, requests) = channel::<Command>();
    let (answer, answers) = channel();
    let (ready, is_ready) = channel();
    thread::spawn(move || {
        ready.send(()).unwrap();
        for mut command in requests {
            answer.send(command.status()).unwrap();
        }
    });
    is_ready.recv().unwrap();
    if !calls.is_empty() {
        if let Err(error) = abjure::deny(calls) {
            eprintln!("{error}");
            exit(1);
        }
    }

    tell("start", "Command::status", touch(folder, "Command::status").status());
    tell("start", "Command::output", touch(folder, "Command::output").output());
    tell("start", "Command::status shell", shell(folder, "Command::status shell").status());
    tell("start", "Command::pre_exec", forked(folder, "Command::pre_exec").status());
    println!("fork\tnone\tn/a");
    tell("listen", "TcpListener::bind", TcpListener::bind("127.0.0.1:0"));
    tell("connect", "TcpStream::connect", TcpStream::connect(format!("127.0.0.1:{port}")));
    tell("open", "fs::read", fs::read("/etc/hostname"));
    tell("thread", "thread::spawn", thread::Builder::new().spawn(|| 7).map(|thread| thread.join().unwrap()));
    request.send(touch(folder, "Command::status there")).unwrap();
    tell("old thread", "Command::status there", answers.recv().unwrap());
}
