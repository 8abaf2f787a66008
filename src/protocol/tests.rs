//! The codec as a whole: any answer survives the way out and back, `xmllint` accepts everything
//! that is written, and no request, however mangled, does more than be understood or refused.

mod answers;
mod determinism;
mod dice;
mod dtd;
mod expected;
mod generated;
mod mutations;
mod mutator;
mod within;
mod xmllint;
