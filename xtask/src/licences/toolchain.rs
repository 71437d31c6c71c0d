//! The notices of Rust's standard library, which is in everything that is built. They lie beside the compiler as a page.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The version, the page as text, and each of the texts that unfold in it.
pub fn notices() -> Result<(String, Vec<String>)> {
    let said = rustc(&["--version"])?;
    let version = said.split(' ').nth(1).context("rustc tells no version")?.to_owned();
    let root = rustc(&["--print", "sysroot"])?;
    let folder = Path::new(root.trim()).join("share/doc/rust");
    let read = |name: &str| {
        let path = folder.join(name);
        let lacks = || format!("{}: this toolchain lacks the notices of its library", path.display());
        std::fs::read_to_string(&path).with_context(lacks)
    };
    let page = read("COPYRIGHT-library.html")?;
    let page = page.split_once("</ul>").map_or(page.as_str(), |(_, rest)| rest);
    let mut words = String::new();
    let mut texts = Vec::new();
    for (index, part) in page.split("<pre>").enumerate() {
        let rest = if index == 0 {
            part
        } else {
            let (text, rest) = part.split_once("</pre>").context("a text of the page has no end")?;
            texts.push(plain(text));
            rest
        };
        words.push_str(rest);
    }
    let mut lines: Vec<String> = Vec::new();
    for line in plain(&words).lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        if !line.is_empty() {
            lines.push(line);
        }
    }
    let mut notices = vec![lines.join("\n"), read("licenses/Unicode-3.0.txt")?];
    for text in texts {
        if !notices.contains(&text) {
            notices.push(text);
        }
    }
    Ok((version, notices))
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(program).args(arguments).output().context("rustc")?;
    if !output.status.success() {
        bail!("rustc {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The text of a page: without what stands in angle brackets, and without the picture before each package.
fn plain(page: &str) -> String {
    let mut parts = page.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.split_once('>').map_or(part, |(_, rest)| rest));
    }
    for (code, sign) in
        [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&"), ("\u{1f4e6} ", "")]
    {
        text = text.replace(code, sign);
    }
    text
}
