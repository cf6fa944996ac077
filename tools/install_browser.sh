#!/bin/sh
# Install Chromium, which the tests of the site run, where this machine lets us; else say what is missing and go on.
set -u
for name in chromium chromium-browser google-chrome; do
  if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
run=""
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then run="sudo"; else run="none"; fi
fi
if [ "$run" != none ] && command -v apt-get >/dev/null 2>&1; then
  echo "Installing Chromium (a minute the first time) ..."
  export DEBIAN_FRONTEND=noninteractive
  if $run apt-get update -qq && $run apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; then
    exit 0
  fi
fi
echo "Chromium could not be installed here: the tests that open the site in a browser are skipped."
echo "Install the package chromium to have them."
exit 0
