#!/usr/bin/env bash
# Makes the Debian package, with the static program in it; prints where it is.
#
#   deploy/package.sh [FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$(realpath --canonicalize-missing "${1:-target/debian}")
cargo_deb=3.8.0

tools=target/tools
if [ "$("$tools/bin/cargo-deb" --version 2>/dev/null)" != "cargo-deb $cargo_deb" ]; then
  cargo install cargo-deb --version "$cargo_deb" --locked --debug --quiet --root "$tools" >&2
fi

program=$(deploy/static.sh)
generated=target/generated
mkdir -p "$generated"
"$program" man >"$generated/cnrp.1"
"$program" completions bash >"$generated/cnrp.bash"
"$program" completions zsh >"$generated/_cnrp"
"$program" completions fish >"$generated/cnrp.fish"

"$tools/bin/cargo-deb" --quiet --locked --no-build --no-strip --target "$(uname -m)-unknown-linux-musl" --output "$folder/"
