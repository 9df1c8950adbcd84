//! Just enough HTTP/1.1 for both ends: messages with a Content-Length, or chunked ones that only have to be read past.

use std::io::{self, Read};

/// Reads messages from a stream that is kept open.
pub struct Reader<S> {
    stream: S,
    buffer: Vec<u8>,
    filled: usize,
}

/// One message: its head, and its body as it was sent.
pub struct Message<'a> {
    pub head: &'a str,
    pub body: &'a [u8],
}

impl<S: Read> Reader<S> {
    pub fn new(stream: S) -> Self {
        Self {
            stream,
            buffer: vec![0; 64 * 1024],
            filled: 0,
        }
    }

    /// Gives the next message to `judge`; `None` where the other side has closed.
    pub fn next<T>(&mut self, judge: impl FnOnce(Message<'_>) -> T) -> io::Result<Option<T>> {
        let head = loop {
            if let Some(end) = find(&self.buffer[..self.filled], b"\r\n\r\n") {
                break end + 4;
            }
            if !self.fill()? {
                return Ok(None);
            }
        };
        let text = String::from_utf8_lossy(&self.buffer[..head]).into_owned();
        let end = match header(&text, "content-length") {
            Some(length) => {
                let length: usize = length.parse().map_err(|_| malformed())?;
                while self.filled < head + length {
                    self.fill_more()?;
                }
                head + length
            }
            None if header(&text, "transfer-encoding").is_some() => loop {
                if let Some(end) = find(&self.buffer[head..self.filled], b"0\r\n\r\n") {
                    break head + end + 5;
                }
                self.fill_more()?;
            },
            None => head,
        };
        let body = &self.buffer[head..end];
        let judged = judge(Message { head: &text, body });
        self.buffer.copy_within(end..self.filled, 0);
        self.filled -= end;
        Ok(Some(judged))
    }

    fn fill_more(&mut self) -> io::Result<()> {
        if self.fill()? {
            return Ok(());
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }

    fn fill(&mut self) -> io::Result<bool> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.filled * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.filled..])?;
        self.filled += read;
        Ok(read > 0)
    }
}

/// The value of a header.
fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().skip(1).find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The status of a response's head.
pub fn status(head: &str) -> io::Result<u16> {
    head.split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .ok_or_else(malformed)
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn malformed() -> io::Error {
    io::ErrorKind::InvalidData.into()
}
