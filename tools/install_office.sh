#!/bin/sh
# Install LibreOffice and the fonts of the built-in look where this machine lets us; else say what is missing and go on.
set -u
if command -v soffice >/dev/null 2>&1 && command -v pdftoppm >/dev/null 2>&1; then
  exit 0
fi
run=""
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then run="sudo"; else run="none"; fi
fi
if [ "$run" != none ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing LibreOffice (a few minutes the first time) ..."
  export DEBIAN_FRONTEND=noninteractive
  if $run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends \
      libreoffice-writer libreoffice-calc fonts-liberation poppler-utils >/dev/null; then
    exit 0
  fi
fi
echo "LibreOffice could not be installed here: documents are generated without page numbers, and the tests that"
echo "lay pages out are skipped. Install the packages libreoffice-writer, fonts-liberation and poppler-utils to have them."
exit 0
