#!/usr/bin/env bash
# Makes the image of deploy/Containerfile where no container engine runs: an OCI layout of the same files with the same
# settings, by umoci. For the same program and authorities its digest is the same.
#
#   deploy/image.sh FOLDER [PROGRAM]
#
# FOLDER/image is the layout and FOLDER/cnrp.tar the same as one file, for `podman load` or `skopeo copy`. PROGRAM is a
# static cnrp; without one it is built.
set -euo pipefail
folder=$(realpath --canonicalize-missing "${1:?deploy/image.sh FOLDER [PROGRAM]}")
program=$(realpath "${2:-$("$(dirname "${BASH_SOURCE[0]}")/static.sh")}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if readelf --program-headers "$program" | grep -q INTERP; then
  echo "deploy/image.sh: $program is not static: nothing in the image could load it" >&2
  exit 1
fi
version=$("$program" --version | cut -d' ' -f2)

root=$folder/root
rm -rf "$folder"
install -D "$program" "$root/cnrp"
install -D --mode=0644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
install -D --mode=0644 deploy/container.yaml "$root/etc/cnrp/config.yaml"
# Of no moment: that of the last change of the project would need git, and no file is looked at by its time.
epoch=1970-01-01T00:00:00Z
find "$root" -exec touch --no-dereference --date "$epoch" {} +

cd "$folder"
umoci init --layout image
umoci new --image image:latest
tar --create --sort=name --owner=0 --group=0 --numeric-owner --directory=root --file=layer.tar cnrp etc
umoci raw add-layer --image image:latest --history.created_by deploy/image.sh --history.created "$epoch" layer.tar
umoci config --image image:latest --no-history --created "$epoch" --os linux --architecture "$(dpkg --print-architecture)" \
  --config.user 65532:65532 --config.env MIMALLOC_PURGE_DELAY=0 --config.entrypoint /cnrp \
  --config.cmd serve --config.cmd=--config --config.cmd /etc/cnrp/config.yaml \
  --config.exposedports 1096/tcp --config.exposedports 2757/tcp --config.exposedports 2757/udp \
  --config.stopsignal SIGTERM \
  --config.label org.opencontainers.image.title=cnrp-gateway \
  --config.label "org.opencontainers.image.version=$version" \
  --config.label "org.opencontainers.image.licenses=Apache-2.0 OR MIT"
umoci gc --layout image
skopeo copy --quiet oci:image:latest oci-archive:cnrp.tar:cnrp:latest
rm -rf layer.tar root
