// SPDX-License-Identifier: MIT
//! Reads the files of tests/corpus; README.md there has the format.

use std::fs;
use std::path::Path;

/// A verb with its words, and the lines that say what it must give.
pub struct Step {
    pub line: usize,
    pub words: Vec<String>,
    pub expected: Vec<String>,
}

impl Step {
    /// Word `i`, "" behind the last.
    pub fn word(&self, i: usize) -> &str {
        self.words.get(i).map_or("", String::as_str)
    }

    pub fn rest(&self, from: usize) -> &[String] {
        self.words.get(from..).unwrap_or_default()
    }
}

/// Reads a quoted word, behind its first quote; gives it and what follows.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut word = String::new();
    let mut at = text.char_indices();
    while let Some((i, c)) = at.next() {
        match c {
            '"' => return Some((word, &text[i + 1..])),
            '\\' => match at.next()?.1 {
                'n' => word.push('\n'),
                't' => word.push('\t'),
                'x' => {
                    let digits: String = [at.next()?.1, at.next()?.1].iter().collect();
                    word.push(u8::from_str_radix(&digits, 16).ok()?.into());
                }
                other => word.push(other),
            },
            _ => word.push(c),
        }
    }
    None
}

pub fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut rest) = (Vec::new(), line.trim_start_matches(' '));
    while !rest.is_empty() {
        let (word, behind) = match rest.strip_prefix('"') {
            Some(inner) => quoted(inner)?,
            None => {
                let end = rest.find(' ').unwrap_or(rest.len());
                (rest[..end].to_string(), &rest[end..])
            }
        };
        words.push(word);
        rest = behind.trim_start_matches(' ');
    }
    Some(words)
}

/// The steps of a file, the first of which is a case.
pub fn read(file: &Path) -> Result<Vec<Step>, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let mut steps: Vec<Step> = Vec::new();
    let mut at = None; // the word that the text in "> " lines stands for
    for (i, line) in text.lines().enumerate() {
        let bad = |what: &str| Err(format!("{}:{}: {what}", file.display(), i + 1));
        match (line.chars().next(), steps.last_mut()) {
            (None | Some('#'), _) => {}
            (Some('a'..='z'), _) => {
                let Some(mut words) = split(line) else { return bad("a quote is missing") };
                at = words.iter().position(|word| word == "<<");
                if let Some(at) = at {
                    words[at].clear();
                }
                steps.push(Step { line: i + 1, words, expected: Vec::new() });
            }
            (Some('>'), Some(step)) => {
                let Some(at) = at else { return bad("a text that no << announces") };
                step.words[at] += line[1..].strip_prefix(' ').unwrap_or(&line[1..]);
                step.words[at].push('\n');
            }
            (Some('=' | '|' | '~' | '!'), Some(step)) => step.expected.push(line.to_string()),
            _ => return bad("neither a verb nor a result"),
        }
    }
    match steps.first() {
        Some(step) if step.word(0) == "case" => Ok(steps),
        _ => Err(format!("{}:1: the first verb is case", file.display())),
    }
}
