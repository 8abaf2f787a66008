//! The program `cnrp`.
fn main() {}
