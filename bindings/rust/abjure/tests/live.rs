// SPDX-License-Identifier: MIT
//! Against the real kernel. What loads a filter runs in a child process.

mod common;

use abjure::{Filter, Program};
use common::in_child;
use std::env;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

const EPERM: i32 = 1;
const ESRCH: i32 = 3;
const EACCES: i32 = 13;
const ENOTSUP: i32 = 95;

fn start() -> io::Result<()> {
    Command::new("/bin/true").status().map(drop)
}

#[track_caller]
fn denied<T>(result: io::Result<T>, errno: i32) {
    assert_eq!(result.err().expect("it worked").raw_os_error(), Some(errno));
}

#[test]
fn natural_errors() {
    in_child("natural_errors", || {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        start().unwrap();
        abjure::deny(&["@exec", "@spawn", "@listen"]).unwrap();

        assert_eq!(start().unwrap_err().kind(), ErrorKind::PermissionDenied);
        denied(Command::new("sh").args(["-c", "true"]).output(), EPERM);
        denied::<()>(Err(Command::new("/bin/true").exec()), EPERM);
        denied(TcpListener::bind("127.0.0.1:0"), EPERM);

        fs::read("/etc/passwd").unwrap();
        assert_eq!(thread::spawn(|| 7).join().unwrap(), 7);
        let _client = TcpStream::connect(server.local_addr().unwrap()).unwrap();
        server.accept().unwrap();
    });
}

/// The programs of a process decide together, the strictest verdict wins.
#[test]
fn effective() {
    if env::var_os("ABJURE_CHILD").is_some_and(|child| child == "effective") {
        for action in ["kill", "EACCES"] {
            let mut f = Filter::new().unwrap();
            f.add(action, &["acct"]).unwrap().deny(&["swapon"]).unwrap().load().unwrap();
        }
        println!("\nready");
        io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["effective", "--exact", "--nocapture"])
        .env("ABJURE_CHILD", "effective")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "ready"));
    let made = Program::effective(child.id() as i32);
    let check = |all: Program| {
        for (call, action) in [("acct", "kill"), ("swapon", "EPERM"), ("mount", "allow")] {
            assert_eq!(all.eval("", call, &[]).unwrap(), action);
        }
        assert_eq!(all.bytes().unwrap_err().errno(), ENOTSUP);
        assert_eq!(all.load().unwrap_err().errno(), ENOTSUP);
    };
    match made {
        Err(error) if error.errno() == EACCES => println!("skipped: {error}"),
        made => check(made.unwrap()),
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn errno_by_choice() {
    in_child("errno_by_choice", || {
        abjure::deny_with(EACCES, &["socket(family == AF_INET)"]).unwrap();
        denied(TcpListener::bind("127.0.0.1:0"), EACCES);
        UnixDatagram::unbound().unwrap();
    });
}

/// Threads that are at work while the filter loads are covered.
#[test]
fn all_threads() {
    in_child("all_threads", || {
        static STOP: AtomicBool = AtomicBool::new(false);
        let at_work = Arc::new(Barrier::new(17));
        let workers: Vec<_> = (0..16)
            .map(|_| {
                let at_work = Arc::clone(&at_work);
                thread::spawn(move || {
                    at_work.wait();
                    while !STOP.load(Ordering::Relaxed) {
                        fs::read("/proc/self/stat").unwrap();
                    }
                    start()
                })
            })
            .collect();
        at_work.wait();
        abjure::deny(&["@exec", "@spawn"]).unwrap();
        STOP.store(true, Ordering::Relaxed);
        for worker in workers {
            denied(worker.join().unwrap(), EPERM);
        }
        for _ in 0..16 {
            denied(thread::spawn(start).join().unwrap(), EPERM);
        }
    });
}

#[test]
fn one_thread_and_the_one_in_the_way() {
    in_child("one_thread_and_the_one_in_the_way", || {
        let (tell, told) = channel();
        let (go_on, wait) = channel::<()>();
        let other = thread::spawn(move || {
            let mut filter = Filter::new().unwrap();
            filter.deny(&["@exec"]).unwrap().load_with("this_thread").unwrap();
            let id = fs::read_link("/proc/thread-self").unwrap();
            tell.send((start(), id)).unwrap();
            let _ = wait.recv();
        });
        let (started, id) = told.recv().unwrap();
        denied(started, EPERM);
        start().unwrap();

        let mut filter = Filter::new().unwrap();
        let error = filter.deny(&["@exec"]).unwrap().load().unwrap_err();
        let thread = id.file_name().unwrap().to_str().unwrap().parse().ok();
        assert_eq!((error.errno(), error.thread(), filter.blocking_thread()), (ESRCH, thread, thread));
        start().unwrap();
        drop(go_on);
        other.join().unwrap();
    });
}

#[test]
fn once_and_complain() {
    in_child("once_and_complain", || {
        let filters = || {
            let status = fs::read_to_string("/proc/self/status").unwrap();
            status.lines().find_map(|line| line.strip_prefix("Seccomp_filters:")).unwrap().to_string()
        };
        let mut filter = Filter::new().unwrap();
        filter.set("complain", "on").unwrap().deny(&["@exec"]).unwrap();
        let before = filters();
        filter.load_with("once").unwrap();
        let first = filters();
        filter.load_with("once").unwrap();
        assert_ne!(before, first);
        assert_eq!(first, filters());
        start().unwrap();
    });
}

#[test]
fn a_program_loads() {
    in_child("a_program_loads", || {
        let program = Filter::new().unwrap().deny(&["@exec"]).unwrap().compile().unwrap();
        program.load_with("log=off").unwrap();
        denied(start(), EPERM);
    });
}
