"""Generate every example into build/demo/: its CCTP (paginated when LibreOffice is there), annexes and note."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "demo"


def main() -> int:
    """Run reqgen as a user would; 0 when every example was generated."""
    TARGET.mkdir(parents=True, exist_ok=True)
    reqgen = shutil.which("reqgen", path=str(Path(sys.executable).parent))
    paginate = ["--paginate"] if shutil.which("soffice") else []
    if not paginate:
        print("LibreOffice is not there: the tables of contents have no page numbers.")
    failed = 0
    for project in sorted((ROOT / "examples").glob("*.yaml")):
        name = TARGET / project.stem
        for arguments in (
            ["-o", f"{name}-cctp.docx", "--note", f"{name}-note-acheteur.docx", *paginate],
            ["-o", f"{name}-annexe-rgpd.docx", "--document", "annexe-rgpd"],
        ):
            command = [str(reqgen), "generate", str(project), "--force", *arguments]
            failed += subprocess.run(command, check=False, cwd=ROOT).returncode != 0
    print(f"\nThe documents are in {TARGET}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
