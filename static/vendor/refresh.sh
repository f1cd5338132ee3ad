#!/bin/sh
# Fetches the vendored browser files again, at the versions below, and writes README.md with their hashes.
# Needs npm, tar and sha256sum. The console itself never needs npm.
set -eu

TABLER=1.6.1
ICONS=3.49.0
CHARTJS=4.6.1
INTER=5.3.0

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # unpack <package> <version> <folder>
  (cd "$work" && tarball=$(npm pack --silent "$1@$2") && mkdir "$3" && tar -xzf "$tarball" -C "$3" --strip-components=1)
}

without_source_map() { # the maps are not vendored, and the manifest storage refuses to name a missing file
  sed -e 's|/\*# sourceMappingURL=[^*]*\*/||' -e 's|^//# sourceMappingURL=.*$||' "$1"
}

unpack @tabler/core "$TABLER" tabler
unpack @tabler/icons-webfont "$ICONS" icons
unpack chart.js "$CHARTJS" chartjs
unpack @fontsource-variable/inter "$INTER" inter

mkdir -p "$here/tabler" "$here/icons/fonts" "$here/chartjs" "$here/inter"
without_source_map "$work/tabler/dist/css/tabler.min.css" > "$here/tabler/tabler.min.css"
without_source_map "$work/tabler/dist/js/tabler.min.js" > "$here/tabler/tabler.min.js"
without_source_map "$work/chartjs/dist/chart.umd.min.js" > "$here/chartjs/chart.umd.min.js"
# Only the woff2 font is kept; every browser the console supports reads it.
without_source_map "$work/icons/dist/tabler-icons.min.css" \
  | sed -E 's#src:url\([^)]*\)[^;}]*;?#src:url("fonts/tabler-icons.woff2") format("woff2");#g' > "$here/icons/tabler-icons.min.css"
cp "$work/icons/dist/fonts/tabler-icons.woff2" "$here/icons/fonts/tabler-icons.woff2"
cp "$work/inter/files/inter-latin-wght-normal.woff2" "$here/inter/inter-latin-wght-normal.woff2"
cp "$work/icons/LICENSE" "$here/icons/LICENSE"
cp "$work/chartjs/LICENSE.md" "$here/chartjs/LICENSE.md"
cp "$work/inter/LICENSE" "$here/inter/LICENSE"

line() { # line <file> <package> <version> <licence>
  printf '| `%s` | %s %s | %s | `%s` |\n' "$1" "$2" "$3" "$4" "$(sha256sum "$here/$1" | cut -d' ' -f1)"
}

{
  cat <<'TEXT'
# Vendored browser files

Served by the console itself; no page loads anything from another host. `refresh.sh` fetches them again and writes
this file. Source map comments and the fonts other than woff2 are taken out; nothing else is changed. Licence texts
stand beside the files; Tabler's stands in the files themselves.
htmx 2 is not here: it comes from the django-htmx wheel (`{% htmx_script %}`).

| file | package | licence | SHA-256 |
|---|---|---|---|
TEXT
  line tabler/tabler.min.css @tabler/core "$TABLER" MIT
  line tabler/tabler.min.js @tabler/core "$TABLER" MIT
  line icons/tabler-icons.min.css @tabler/icons-webfont "$ICONS" MIT
  line icons/fonts/tabler-icons.woff2 @tabler/icons-webfont "$ICONS" MIT
  line chartjs/chart.umd.min.js chart.js "$CHARTJS" MIT
  line inter/inter-latin-wght-normal.woff2 @fontsource-variable/inter "$INTER" OFL-1.1
} > "$here/README.md"
