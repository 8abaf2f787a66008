#!/usr/bin/env bash
# Builds the program with everything in it, musl instead of the system's C library, so that it runs where there is
# nothing else. Prints where it is.
#
# Needs rustup, which brings the standard library for it, and a compiler of C (Debian: musl-tools).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=$(uname -m)-unknown-linux-musl
rustup --quiet target add "$target"
# aws-lc is C: without this it would be built against the system's headers.
export "CC_${target//-/_}=musl-gcc"
cargo build --locked --release --quiet --target "$target" --bin cnrp >&2
echo "${CARGO_TARGET_DIR:-target}/$target/release/cnrp"
