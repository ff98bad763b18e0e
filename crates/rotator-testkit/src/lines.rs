use parking_lot::Mutex;
use rotators::Log;

/// A log in memory.
#[derive(Default)]
pub struct Lines(Mutex<Vec<String>>);

impl Lines {
    /// What was told since it was last asked.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock())
    }
}

impl Log for Lines {
    fn info(&self, line: &str) {
        self.0.lock().push(line.to_owned());
    }

    fn error(&self, line: &str) {
        self.0.lock().push(format!("ERROR {line}"));
    }
}
