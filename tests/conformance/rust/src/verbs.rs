// SPDX-License-Identifier: MIT
//! The verbs of the corpus, by the API of the crate.

use crate::case::Step;
use abjure::{Argument, Error, Filter, Program};

/// What the verbs of a case share.
#[derive(Default)]
pub struct State {
    filter: Option<Filter>,
    program: Option<Program>,
}

/// What a verb gave; None: there is no such verb, or what it needs is missing.
pub type Outcome = Option<Result<String, Error>>;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).expect("a hexadecimal digit") as u8;
    text.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

fn integer(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok().or_else(|| text.parse::<i64>().ok().map(|n| n as u64)),
    }
}

fn arguments(words: &[String]) -> Vec<Argument<'_>> {
    words.iter().map(|word| integer(word).map_or(Argument::Text(word), Argument::Number)).collect()
}

fn explain(filter: &mut Filter, s: &Step) -> Result<String, Error> {
    let v = filter.explain(s.word(1), s.word(2), &arguments(s.rest(3)))?;
    let lines = [
        ("action", Some(v.action)),
        ("origin", Some(v.origin)),
        ("rule", v.rule),
        ("source", v.source),
        ("call", Some(v.call)),
        ("number", Some(v.number.to_string())),
        ("abi", Some(v.abi)),
    ];
    Ok(lines.into_iter().filter_map(|(key, value)| Some(format!("{key}: {}\n", value?))).collect())
}

impl State {
    fn made(&mut self, program: Result<Program, Error>) -> Result<String, Error> {
        self.program = Some(program?);
        Ok(String::new())
    }

    fn of_filter(&mut self, s: &Step) -> Outcome {
        let f = self.filter.as_mut()?;
        let done = |_: &mut Filter| String::new();
        Some(match s.word(0) {
            "filter_add" => f.add(s.word(1), &[s.word(2)]).map(done),
            "filter_default" => f.default(s.word(1)).map(done),
            "filter_set" => f.set(s.word(1), s.word(2)).map(done),
            "filter_read" => f.read(s.word(1), s.word(2)).map(done),
            "filter_error" => Ok(f.error().map_or(0, |error| -error.errno()).to_string()),
            "filter_message" => Ok(f.error().map_or(String::new(), |error| error.message().to_string())),
            "filter_clear" => Ok(done(f.clear())),
            "filter_skipped" => Ok(f.skipped().join("\n")),
            "filter_notes" => Ok(f.notes().join("\n")),
            "filter_write" => f.write(s.word(1)),
            "filter_explain" => explain(f, s),
            "filter_load" => f.load_with(s.word(1)).map(|()| String::new()),
            "filter_blocking_thread" => Ok(f.blocking_thread().unwrap_or(0).to_string()),
            "filter_exec" => Err(f.exec(s.word(1), s.rest(2), None)),
            "filter_compile" => {
                let program = f.compile();
                self.made(program)
            }
            _ => return None,
        })
    }

    fn of_program(&mut self, s: &Step) -> Outcome {
        let p = self.program.as_ref()?;
        Some(match s.word(0) {
            "program_bytes" => p.bytes().map(|bytes| hex(&bytes)),
            "program_load" => p.load_with(s.word(1)).map(|()| String::new()),
            "program_exec" => Err(p.exec(s.word(1), s.rest(2), None)),
            "program_eval" => p.eval(s.word(1), s.word(2), &arguments(s.rest(3))),
            "program_disassemble" => Ok(p.disassemble()),
            "program_outline" => p.outline(s.word(1)),
            _ => return None,
        })
    }

    pub fn run(&mut self, s: &Step) -> Outcome {
        Some(match s.word(0) {
            "filter_new" => Filter::new().map(|filter| {
                self.filter = Some(filter);
                String::new()
            }),
            "filter_free" => {
                self.filter = None;
                Ok(String::new())
            }
            "program_free" => {
                self.program = None;
                Ok(String::new())
            }
            "program_from_bytes" => self.made(Program::from_bytes(&from_hex(s.word(1)))),
            "program_from_process" => self.made(Program::from_process(s.word(1).parse().ok()?, integer(s.word(2))?)),
            "program_effective" => self.made(Program::effective(s.word(1).parse().ok()?)),
            "deny" => abjure::deny_with(s.word(2).parse().ok()?, &[s.word(1)]).map(|()| String::new()),
            "supported" => Ok(abjure::supported().to_string()),
            "status" => abjure::status(s.word(1).parse().ok()?).map(|status| status.to_string()),
            "groups" => Ok(abjure::groups().join("\n")),
            "group" => abjure::group(s.word(1), s.word(2)),
            "value" => abjure::value(s.word(1), s.word(2)).map(|value| value.to_string()),
            "argument" => abjure::argument(s.word(1), s.word(2), s.word(3)).map(|argument| argument.to_string()),
            "version" => Ok(abjure::version().to_string()),
            "tables_version" => Ok(abjure::tables_version().to_string()),
            "explain" => abjure::explain(s.word(1))
                .map(|record| record.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()),
            verb if verb.starts_with("filter_") => return self.of_filter(s),
            _ => return self.of_program(s),
        })
    }
}
