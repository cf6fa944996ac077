"""Every rule about a library and its packs."""

from collections.abc import Callable, Iterator
from datetime import date

from reqgen.lint import answers, coherence, conditions, dates, ids, parameters, references, reviews, wording, writing
from reqgen.lint.common import in_order
from reqgen.model.diagnostic import Diagnostic
from reqgen.model.library import Library

LIBRARY_RULES: tuple[Callable[[Library], Iterator[Diagnostic]], ...] = (
    ids.duplicate_id,
    ids.override_without_reason,
    ids.override_without_base,
    ids.alias_taken,
    ids.id_file_mismatch,
    ids.theme_folder_mismatch,
    references.unknown_clause,
    references.unknown_theme,
    references.unknown_domain,
    references.renamed_domain,
    references.unknown_source,
    references.unknown_term,
    references.self_reference,
    references.replacement_cycle,
    references.requires_incompatible,
    references.unused_source,
    conditions.unknown_fact,
    conditions.unknown_value,
    conditions.impossible_value,
    conditions.unknown_threshold,
    conditions.fact_cycle,
    conditions.never_true,
    answers.domain_answers,
    parameters.undefined_parameter,
    parameters.unused_parameter,
    parameters.bad_placeholder,
    parameters.bad_default,
    parameters.bounds_reversed,
    parameters.missing_unit,
    parameters.unknown_unit,
    parameters.missing_choices,
    parameters.ignored_key,
    coherence.binding_not_required,
    coherence.scored_without_criterion,
    coherence.orphan_departure,
    coherence.question_without_answer,
    coherence.question_piece,
    reviews.review_without_digest,
    reviews.stale_review,
    wording.to_fill,
    wording.foreign_markup_used,
    writing.unknown_rule,
)

# Rules about the law as it stood on one day: that which the manifest states, else today.
LAW_RULES: tuple[Callable[[Library, date], Iterator[Diagnostic]], ...] = (
    dates.source_not_in_force,
    dates.undated_source,
    dates.source_not_yet_in_force,
    dates.unverified_source_binds,
    dates.dates_reversed,
    dates.overlapping_values,
    writing.prose,
)


def lint_library(library: Library, today: date) -> list[Diagnostic]:
    """Everything wrong with the meaning of a library and its packs."""
    law = library.manifest.law_as_of if library.manifest.law_as_of > date.min else today
    found = [finding for rule in LIBRARY_RULES for finding in rule(library)]
    found += [finding for rule in LAW_RULES for finding in rule(library, law)]
    return in_order([*found, *dates.future_date(library, today)])
