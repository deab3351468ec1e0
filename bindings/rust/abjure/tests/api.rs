// SPDX-License-Identifier: MIT
//! The API and its misuse. Nothing is loaded here.

use abjure::{Error, Filter, Program};
use std::io;

const ENOENT: i32 = 2;
const ESRCH: i32 = 3;
const EACCES: i32 = 13;
const EINVAL: i32 = 22;

fn filter() -> Filter {
    Filter::new().unwrap()
}

#[track_caller]
fn refused<T>(result: abjure::Result<T>, errno: i32, part: &str) {
    let error = result.err().expect("it worked");
    assert_eq!(error.errno(), errno, "{error}");
    assert!(error.message().contains(part), "{error}");
}

#[test]
fn explain_and_eval() {
    let mut f = filter();
    f.set("abi", "x86_64").unwrap().allow(&["socket(type == SOCK_DGRAM)"]).unwrap();
    f.deny_with(13, &["socket(family == AF_INET)"]).unwrap().kill(&["chroot"]).unwrap().log(&["mount"]).unwrap();
    f.deny_with(0, &["acct"]).unwrap();
    let verdict = f.explain("", "socket", &["AF_INET".into(), 1.into()]).unwrap();
    assert_eq!((verdict.action.as_str(), verdict.origin.as_str()), ("EACCES", "rule"));
    assert_eq!((verdict.number, verdict.abi.as_str(), verdict.allowed()), (41, "x86_64", false));
    assert!(verdict.to_string().contains("EACCES by rule"), "{verdict}");

    let p = f.compile().unwrap();
    for (call, action) in [("chroot", "kill"), ("mount", "log"), ("read", "allow"), ("acct", "EPERM")] {
        assert_eq!(p.eval("x86_64", call, &[]).unwrap(), action);
    }
    assert_eq!(p.eval("x86_64", "socket", &[0x1_0000_0002u64.into(), (-1i8).into()]).unwrap(), "EACCES");
    let bytes = p.bytes().unwrap();
    assert_eq!(bytes.len() % 8, 0);
    assert_eq!(Program::from_bytes(&bytes).unwrap().disassemble(), p.disassemble());
}

#[test]
fn outlines() {
    let mut f = filter();
    let p = f.set("abi", "x86_64").unwrap().deny_with(EACCES, &["kill(sig == 9)"]).unwrap().compile().unwrap();
    let mut again = filter();
    again.read(&p.outline("policy").unwrap(), "outline").unwrap();
    for (sig, action) in [(9, "EACCES"), (15, "allow")] {
        assert_eq!(again.explain("x86_64", "kill", &[1.into(), sig.into()]).unwrap().action, action);
    }
    assert!(p.outline("text").unwrap().contains("kill"));
    assert!(p.outline("json, call=kill").unwrap().contains("\"EACCES\""));
    refused(p.outline("yaml"), EINVAL, "yaml");
    refused(p.outline("te\0xt"), EINVAL, "U+0000");
}

#[test]
fn policies() {
    let path = std::env::temp_dir().join(format!("abjure-policy-{}", std::process::id()));
    std::fs::write(&path, "default allow\nEACCES chroot\n").unwrap();
    let text = filter().read_file(&path).unwrap().write("policy").unwrap();
    std::fs::remove_file(&path).unwrap();
    let mut again = filter();
    let verdict = again.read(&text, "again").unwrap().explain("x86_64", "chroot", &[]).unwrap();
    assert_eq!(verdict.action, "EACCES");
    assert!(verdict.source.unwrap().starts_with("again:"));
    refused(again.read("nonsense\n", "bad.policy"), EINVAL, "bad.policy:1:");
    refused(filter().read_file(&path), ENOENT, "abjure-policy");
    refused(filter().write("yaml"), EINVAL, "yaml");
}

type Change = fn(&mut Filter) -> abjure::Result<&mut Filter>;

/// Whoever looks at no error but the load's still gets no weaker filter.
#[test]
fn a_failure_breaks_the_filter() {
    let failures: [Change; 10] = [
        |f| f.deny(&["execev"]),
        |f| f.deny(&["@exec\0, @listen"]),
        |f| f.add("de\0ny", &["chroot"]),
        |f| f.deny::<&str>(&[]),
        |f| f.deny_with(-1, &["chroot"]),
        |f| f.deny_with(4096, &["chroot"]),
        |f| f.set("abi", "x86_64\0"),
        |f| f.default("kill\0"),
        |f| f.read("deny @exec\0\n", "policy"),
        |f| f.read("deny @exec\n", "a\0b"),
    ];
    for fail in failures {
        let mut f = filter();
        f.deny(&["chroot"]).unwrap();
        let first = fail(&mut f).unwrap_err();
        let repeated: [Error; 5] = [
            f.load().unwrap_err(),
            f.compile().unwrap_err(),
            f.write("policy").unwrap_err(),
            f.exec("/bin/true", &["true"], None),
            f.error().unwrap(),
        ];
        for error in repeated {
            assert_eq!(error, first);
        }
        assert!(f.clear().compile().is_ok() && f.error().is_none());
    }
}

#[test]
fn texts() {
    refused(abjure::deny(&["@exec\0, @listen"]), EINVAL, "U+0000");
    refused(abjure::deny::<&str>(&[]), EINVAL, "no calls");
    refused(abjure::deny(&["execev"]), ENOENT, "did you mean \"execve\"?");
    refused(abjure::deny_with(4096, &["@exec"]), EINVAL, "no errno");
    let mut f = filter();
    refused(f.load_with("once\0"), EINVAL, "U+0000");
    refused(f.load_with("now"), ENOENT, "now");
    refused(f.explain("", "sock\0et", &[]), EINVAL, "U+0000");
    assert!(f.exec("/bin/true\0", &["true"], None).message().contains("U+0000"));
    assert!(f.exec("/bin/true", &["tr\0ue"], None).message().contains("U+0000"));
    assert!(f.exec("/bin/true", &["true"], Some(&[("A".into(), "\0".into())])).message().contains("U+0000"));
    assert_eq!(f.exec::<&str>("/bin/true", &[], None).errno(), EINVAL);
    let huge = "a".repeat(64 << 20);
    assert!(f.deny(&[&huge]).is_err());
    f.clear().read(&format!("# {huge}\nEACCES chroot\n"), "huge").unwrap();
    assert_eq!(f.explain("x86_64", "chroot", &[]).unwrap().action, "EACCES");
}

#[test]
fn arguments() {
    let mut f = filter();
    refused(f.explain("", "socket", &[0.into(); 7]), EINVAL, "at most 6");
    refused(f.explain("", "socket", &["AF_NONE".into()]), ENOENT, "AF_NONE");
    refused(f.explain("", "socket", &["AF_\0".into()]), EINVAL, "U+0000");
}

#[test]
fn bad_programs() {
    for bytes in [&[][..], &[1], &[0; 8]] {
        refused(Program::from_bytes(bytes), EINVAL, "");
    }
    assert!(Program::from_process(-1, 0).is_err());
    assert!(Program::effective(-1).is_err());
    refused(filter().deny(&["kill(pid == self)"]).unwrap().compile(), EINVAL, "self");
}

#[test]
fn this_place() {
    let support = abjure::supported();
    assert!(support.available() && support.get("no such line").is_none(), "{support}");
    assert!(support.to_string().contains("seccomp: yes"), "{support}");
    let groups = abjure::groups();
    assert!(groups.iter().any(|name| name == "@exec"));
    for name in &groups {
        assert!(abjure::group(name, "aarch64").unwrap().contains(name.as_str()));
    }
    refused(abjure::group("@exce", ""), ENOENT, "exec\"?");
    assert_eq!(abjure::value("x86_64", "O_RDWR|O_CREAT").unwrap(), 0o102);
    assert_eq!(abjure::argument("x86_64", "socket", "protocol").unwrap(), 2);
    refused(abjure::argument("x86_64", "socket", "familly"), ENOENT, "family");
    assert!(abjure::tables_version().starts_with("linux-"));
    assert_eq!(abjure::version(), env!("CARGO_PKG_VERSION"));
}

#[test]
fn status_of_processes() {
    let mine = abjure::status(0).unwrap();
    assert_eq!(mine.get("pid"), Some(std::process::id().to_string().as_str()), "{mine}");
    assert!(matches!(mine.get("mode"), Some("disabled" | "filter")) && mine.get("no such key").is_none(), "{mine}");
    assert_eq!(abjure::status(std::process::id() as i32).unwrap().get("name"), mine.get("name"));
    refused(abjure::status(i32::MAX), ESRCH, "no process");
    refused(abjure::status(-1), EINVAL, "-1");
}

#[test]
fn records() {
    let line = "type=SECCOMP msg=audit(1592235512.578:148): uid=1000 pid=6939 comm=\"nc\" sig=31 arch=c000003e syscall=49 code=0x0";
    let record = abjure::explain(line).unwrap();
    assert_eq!((record.get("call"), record.get("exe")), (Some("bind"), None));
    assert_eq!(record.to_string(), "nc (pid 6939) called bind and was killed (SIGSYS), as uid 1000, x86_64");
    refused(abjure::explain("type=LOGIN msg=audit(1592235512.578:148): pid=1"), ENOENT, "another type");
}

#[test]
fn skipped_names() {
    let mut f = filter();
    f.set("abi", "aarch64").unwrap().deny(&["creat", "chroot"]).unwrap();
    assert_eq!(f.skipped(), ["creat: absent on aarch64"]);
}

#[test]
fn errors_become_io_errors() {
    let error = filter().deny(&["execev"]).err().unwrap();
    let message = error.to_string();
    let io_error = io::Error::from(error.clone());
    assert_eq!((io_error.kind(), io_error.to_string()), (io::ErrorKind::NotFound, message));
    assert_eq!(io_error.get_ref().and_then(|inner| inner.downcast_ref()), Some(&error));
}

#[test]
fn handles_move_between_threads() {
    let mut f = filter();
    f.deny(&["chroot"]).unwrap();
    let program = std::thread::spawn(move || f.compile().unwrap()).join().unwrap();
    assert_eq!(program.eval("", "chroot", &[]).unwrap(), "EPERM");
}
