//! Mappings that come with Accord, for data sets that many use to try it out.

const PRESETS: [(&str, &str); 2] = [
    ("maven_crm", include_str!("../../../presets/maven_crm.toml")),
    ("ms_ai_sample_crm", include_str!("../../../presets/ms_ai_sample_crm.toml")),
];

pub fn find(name: &str) -> Option<&'static str> {
    PRESETS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    PRESETS.iter().map(|(name, _)| *name)
}
