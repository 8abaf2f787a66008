# The habits of the house, each a thin line over cargo or a script: `just` is a convenience, never needed.

# What there is.
default:
    @just --list

# Format everything.
fmt:
    cargo fmt

# What the compiler and clippy have to say; nothing is right.
lint:
    cargo clippy --locked --all-targets -- -D warnings

# Every check, as in continuous integration.
test:
    scripts/test

# The tests whose names contain WORD.
try WORD:
    cargo test --locked {{ WORD }}

# The benchmarks.
bench *ARGS:
    cargo bench --locked {{ ARGS }}

# How often the first result is the right one, over a map and a list of queries.
evaluate NAMES QUERIES *ARGS:
    cargo run --locked --release --example evaluate -- --names {{ NAMES }} --queries {{ QUERIES }} {{ ARGS }}

# How our ranking does in a recorded world, beside each engine alone and plain fusion.
world *ARGS:
    cargo run --locked --release --example world -- {{ ARGS }}

# How an index of these names is built, opened and asked, for each of the SIZES.
measure NAMES *SIZES:
    cargo run --locked --release --example measure_index -- {{ NAMES }} {{ SIZES }}

# Requests a second with an index of these names, against the same server with ten of them.
load NAMES INDEX:
    scripts/load_of_names {{ NAMES }} {{ INDEX }}

# Build and run the gateway.
serve *ARGS:
    scripts/serve {{ ARGS }}

# Fuzz every TARGET, or those named, for so many SECONDS; --keep and --coverage as scripts/fuzz says.
fuzz *ARGS:
    scripts/fuzz {{ ARGS }}

# The container image in FOLDER, without an engine.
image FOLDER:
    deploy/image.sh {{ FOLDER }}

# The Debian package.
package:
    deploy/package.sh
