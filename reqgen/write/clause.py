"""The skeleton of a new clause: a file of the right shape, whose author is told by `validate` what is left to write."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from reqgen.model.library import Theme

PREFIX = re.compile(r"[A-Z]{3,5}-[A-Z0-9]{2,5}")
STEP, LAST = 10, 999

# Every value is one that validate accepts, but for those that begin with « À REMPLIR ».
SKELETON = """\
# yaml-language-server: $schema=@SCHEMA@
# Thème : @TITLE@. Guide : docs/rediger-une-clause.md. Une seule exigence par fichier.
# Remplacer les textes « À REMPLIR » : `reqgen validate` dit ceux qui restent. Supprimer ces commentaires à la fin.
id: @ID@
titre: "À REMPLIR : groupe nominal court, sans point final"
theme: @THEME@
nature: obligation # obligation (du titulaire) | question (au candidat, dans le cadre de réponse)
niveau: exigé # exigé | valorisé (ajouter sous_critere) | pse
palier: standard # essentiel | standard | renforcé : à partir de quelle profondeur la clause est retenue
piece: cctp # cctp | ccap | rc | ae | prix | annexe-rgpd | annexe-securite
# domaines: [finances] # seulement si la clause est propre à un domaine
# si: # seulement si elle dépend d'une réponse (docs/conditions.md)
#   hebergement: externalisé
texte: |
  À REMPLIR : le titulaire doit faire quoi, sur quel objet, dans quel délai et à compter de quel événement.
# parametres: # ce que l'acheteur règle ; le texte le nomme entre deux accolades : {{ delai }}
#   delai:
#     libelle: Délai de remise
#     type: durée
#     unite: jours ouvrés
#     defaut: 10
#     min: 5
#     max: 30
verification:
  - phase: exécution # offre | vérification d'aptitude | vérification de service régulier | exécution | fin de marché
    mode: test # test | document | certificat | démonstration | audit
    par: acheteur # acheteur | titulaire | tiers
    methode: >-
      À REMPLIR : ce qui est fait, sur quoi, et ce qui vaut échec.
exigible: exécution # offre | notification | mise en ordre de marche | vérification d'aptitude | … | fin de marché
reponse: aucune # aucune | déclaration | description | preuve : ce que le candidat répond
sources: [] # ne citer que ce qui a été lu, par identifiant de sources.yaml ; oblige_si seulement si le texte impose
# sources:
#   - id: cgct-d1617-23
#     article: second alinéa
#     oblige_si: toujours
motif: |
  À REMPLIR : pour l'acheteur, pourquoi cette clause et quel risque elle évite.
relecture:
  statut: projet # seule la commande de relecture d'un juriste le change
"""


def skeleton(name: str, theme: Theme, schema: str) -> str:
    """The file of a clause of that id; `schema` is what its first line tells the editor."""
    values = {"@SCHEMA@": schema, "@TITLE@": " ".join(theme.title.split()), "@ID@": name, "@THEME@": theme.id}
    return re.sub("|".join(values), lambda match: values[match[0]], SKELETON)


def usual_prefix(names: Iterable[str]) -> str:
    """The beginning that most of the ids have, the first of them when several do; empty when there is no id."""
    found = Counter(name.rsplit("-", 1)[0] for name in names)
    return found.most_common(1)[0][0] if found else ""


def next_id(prefix: str, taken: Collection[str]) -> str:
    """The next id of that beginning, ten after the last, else the first that is free; empty when none is."""
    known = {name.upper() for name in taken}
    numbers = [
        int(name[-3:])
        for name in known
        if name.startswith(f"{prefix}-") and re.fullmatch(r"[0-9]{3}", name[len(prefix) + 1 :])
    ]
    after = (max(numbers, default=0) // STEP + 1) * STEP
    candidates = [after, *range(STEP, LAST + 1, STEP), *range(1, LAST + 1)]
    names = (f"{prefix}-{number:03}" for number in candidates if number <= LAST)
    return next((name for name in names if name not in known), "")
