"""Every rule about a project, read against its library."""

from collections.abc import Callable, Iterator

from reqgen.lint import project as projects
from reqgen.lint import writing
from reqgen.lint.common import in_order
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Library
from reqgen.model.project import Project

PROJECT_RULES: tuple[Callable[[Project, Library], Iterator[Diagnostic]], ...] = (
    projects.project_facts,
    projects.known_answers,
    projects.project_domains,
    projects.project_clauses,
    projects.project_settings,
    projects.contradictory_choices,
    projects.calendar_order,
    projects.framework_length,
    projects.duplicate_lot,
    projects.duplicate_need,
    projects.scored_need,
    projects.coordinator,
    writing.needs,
)


def lint_project(project: Project, library: Library) -> list[Diagnostic]:
    """Everything wrong with a project, against the library."""
    return in_order(finding for rule in PROJECT_RULES for finding in rule(project, library))
