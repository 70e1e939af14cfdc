//! Whether anything could be answered under the limits that an operator has chosen.

use super::Limits;

impl Limits {
    /// The first bound under which nothing could be answered.
    pub fn problem(&self) -> Option<String> {
        let counts = [
            ("body_bytes_signed_in", self.body_bytes_signed_in),
            ("body_bytes_anonymous", self.body_bytes_anonymous),
            ("document_bytes", self.document_bytes),
            ("tokens", self.tokens),
            ("brackets", self.brackets),
            ("operations", self.operations),
            ("root_mutations", self.root_mutations),
            ("header_bytes", self.header_bytes),
            ("connections", self.connections),
            ("frame_bytes", self.frame_bytes),
            ("errors_per_answer", self.errors_per_answer),
            ("validation_errors", self.validation_errors),
            ("message_chars", self.message_chars),
        ];
        let numbers = [
            ("depth", self.depth),
            ("fields", self.fields),
            ("cost", self.cost),
            ("page", self.page),
            ("default_page", self.default_page),
            ("operation_ms", self.operation_ms),
            ("body_ms", self.body_ms),
            ("header_ms", self.header_ms),
            ("ready_ms", self.ready_ms),
        ];
        let mut all = counts.map(|(name, n)| (name, n as u64)).into_iter().chain(numbers);
        let (name, _) = all.find(|(_, n)| *n == 0)?;
        Some(format!("limits.{name} must be at least 1"))
    }
}
