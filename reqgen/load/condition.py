"""A condition from its YAML form. What the form means is in docs/conditions.md."""

from typing import Any

from reqgen.load.tree import Path, Tree
from reqgen.model.condition import AllOf, Always, AnyOf, Comparison, Condition, NoneOf, Operand, Test
from reqgen.model.diagnostic import Diagnostic

GROUPS: dict[str, type[AllOf] | type[AnyOf] | type[NoneOf]] = {"tous": AllOf, "au_moins_un": AnyOf, "aucun": NoneOf}


def condition_at(tree: Tree, path: Path, data: Any, found: list[Diagnostic]) -> Condition:
    """The condition written at `path`; shape errors that the schema cannot say are added to `found`."""
    if data is None:
        return Always()
    if isinstance(data, str):
        if data != "toujours":
            found.append(
                Diagnostic(
                    "bad-condition",
                    f"« {data} » n'est pas une condition",
                    tree.place(*path),
                    "écrire `toujours`, ou une table `fait: valeur`",
                )
            )
        return Always()
    parts = tuple(_part(tree, (*path, key), key, value, found) for key, value in data.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _part(tree: Tree, path: Path, key: str, value: Any, found: list[Diagnostic]) -> Condition:
    if key in GROUPS:
        return GROUPS[key](tuple(condition_at(tree, (*path, index), item, found) for index, item in enumerate(value)))
    place = tree.key_place(*path)
    if isinstance(value, dict):
        tests = tuple(
            Test(key, Comparison(name), (Operand(operand, tree.place(*path, name)),), place)
            for name, operand in value.items()
        )
        return tests[0] if len(tests) == 1 else AllOf(tests)
    if isinstance(value, list):
        operands = tuple(Operand(item, tree.place(*path, index)) for index, item in enumerate(value))
    else:
        operands = (Operand(value, tree.place(*path)),)
    return Test(key, Comparison.AMONG, operands, place)
