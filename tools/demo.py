"""Generate every example into build/demo/: its CCTP (paginated when LibreOffice is there), annexe RGPD and note."""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parent.parent
TARGET = ROOT / "build" / "demo"
REQGEN = shutil.which("reqgen", path=str(Path(sys.executable).parent)) or "reqgen"
PAGINATE = ["--paginate"] if shutil.which("soffice") else []


def generate(project: Path) -> str:
    """Run reqgen as a user would; what went wrong, or an empty text."""
    name = TARGET / project.stem
    main_document = ["--document", "annexe-numerique"] if "service-delegue" in project.read_text("utf-8") else []
    runs = [["-o", f"{name}.docx", "--note", f"{name}-note-acheteur.docx", *main_document, *PAGINATE]]
    runs.append(["-o", f"{name}-annexe-rgpd.docx", "--document", "annexe-rgpd"])
    for arguments in runs:
        command = [REQGEN, "generate", str(project), "--force", *arguments]
        ended = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
        if ended.returncode:
            return ended.stderr
    return ""


def main() -> int:
    """Generate all, two at a time, telling each; 0 when every example was generated."""
    TARGET.mkdir(parents=True, exist_ok=True)
    if not PAGINATE:
        print("LibreOffice is not there: the tables of contents have no page numbers.")
    projects = sorted((ROOT / "examples").glob("*.yaml"))
    failed = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for number, (project, problem) in enumerate(zip(projects, pool.map(generate, projects), strict=True), 1):
            failed += bool(problem)
            print(f"[{number}/{len(projects)}] {project.name}{': ' + problem if problem else ''}", flush=True)
    print(f"\nThe documents are in {TARGET}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
