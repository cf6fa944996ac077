cd /tmp/w/stage3/g7-exemples
for d in ${1:-infogerance cybersecurite cybersecurite-audit tma-developpement service-delegue}; do echo "== $d"; /work/main/.venv/bin/reqgen generate $d.yaml -o out/$d.docx --note out/$d-note.docx --force --pack /tmp/w/stage3/g7 > out/$d.log 2>&1; echo rc=$?; grep -v "^$" out/$d.log | tail -${2:-14}; done
